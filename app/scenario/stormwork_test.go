package scenario

import (
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/google/uuid"

	"holdfast/app/api"
)

// worker is a person at a desktop in the storm, and what they remember of what they did.
type worker struct {
	storm   *storm
	desktop *sheltered
	number  int
	random  *rand.Rand

	made   []deed
	claims []deed
	notes  map[string]note // by text
	publisher
}

// deed is something that the group decides on: who called when, and what the answer was.
type deed struct {
	ticket string
	call   time.Time
	answer time.Time // zero: the outcome was not seen before the storm was over
	saved  bool      // it was acknowledged; otherwise nobody knows
	got    string    // the number, or whom the ticket belongs to
}

type note struct {
	ticket string
	saved  bool
}

// patience is how long a person looks at a ticket for the outcome before they do something else.
const patience = 2 * time.Second

func (w *worker) work(end time.Time) {
	w.notes = map[string]note{}
	for time.Now().Before(end) {
		switch w.random.IntN(8) {
		case 0, 1:
			w.make()
		case 2, 3:
			w.claim()
		case 4:
			w.publish()
		default:
			w.say()
		}
	}
}

func (w *worker) make() {
	id := uuid.Must(uuid.NewV7()).String()
	fields := map[string]any{"title": fmt.Sprintf("Made by person %d, %s", w.number, id), "caller": w.desktop.me, "channel": "phone"}
	d := deed{ticket: id, call: time.Now()}
	d.saved = w.desktop.ask(http.MethodPost, "/records/incident", map[string]any{"id": id, "fields": fields}, nil) == nil
	if d.saved {
		w.storm.tickets.add(id)
		w.watch(&d, numberIn)
	}
	w.made = append(w.made, d)
}

func (w *worker) claim() {
	id := w.storm.tickets.any(w.random)
	if slices.ContainsFunc(w.claims, func(d deed) bool { return d.ticket == id }) {
		return
	}
	d := deed{ticket: id, call: time.Now()}
	d.saved = w.desktop.ask(http.MethodPost, "/tickets/"+id+"/take", map[string]any{"expectedAssignee": nil}, nil) == nil
	if d.saved {
		w.watch(&d, assigneeIn)
	}
	w.claims = append(w.claims, d)
}

// assigneeIn gives whom a ticket was agreed to belong to, "" while that is open.
func assigneeIn(view *api.TicketView) string {
	if view.Pending > 0 {
		return ""
	}
	for _, field := range view.Fields {
		if name, ok := field.Value.(string); field.Name == "assignee" && ok {
			return name
		}
	}
	return ""
}

// watch looks at the ticket until what was asked for is agreed or the person loses patience.
func (w *worker) watch(d *deed, read func(*api.TicketView) string) {
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for until := time.Now().Add(patience); time.Now().Before(until); <-ticker.C {
		var view api.TicketView
		if w.desktop.ask(http.MethodGet, "/tickets/"+d.ticket, nil, &view) != nil {
			continue
		}
		if got := read(&view); got != "" {
			d.got, d.answer = got, time.Now()
			return
		}
	}
}

func (w *worker) say() {
	id := w.storm.tickets.any(w.random)
	text := fmt.Sprintf("Person %d says %s", w.number, uuid.NewString())
	saved := w.desktop.ask(http.MethodPost, "/tickets/"+id+"/note", map[string]any{"text": text}, nil) == nil
	w.notes[text] = note{id, saved}
}

// check waits until the storm is over for everybody, and holds what is there against what people remember.
func (s *storm) check(t *testing.T) {
	over := time.Now()
	awaitSameWithin(t, afterStorm, s.everyone()...)
	t.Logf("all hold the same %v after the storm", time.Since(over))
	s.publishRest(t)
	views := map[string]api.TicketView{}
	all := s.nodes[0]
	for _, row := range all.list(t, "/tickets?view=all&kind=incident") {
		views[row.ID] = all.ticket(t, row.ID)
	}
	denseNumbers(t, all.device, siteCode)
	saved := 0
	for _, w := range s.workers {
		saved += w.checkKept(t, views)
	}
	checkOrder(t, "claims", claimModel, s.history(views, matter{
		deeds: func(w *worker) []deed { return w.claims }, read: assigneeIn, done: func(w *worker, got string) bool { return got == w.desktop.me },
	}))
	numbers := s.history(views, matter{
		deeds: func(w *worker) []deed { return w.made }, read: numberIn, done: func(_ *worker, got string) bool { return got != "" },
	})
	checkOrder(t, "numbers", numberModel(numbers), numbers)
	swaps := s.checkPublished(t)
	for _, d := range s.everyone() {
		for _, found := range checkup(t, d) {
			if !found.OK {
				t.Errorf("%s is not well: %s", d.name, found.Sentence)
			}
		}
	}
	t.Logf("%v; %d things were saved, %d tickets and %d publications, and all are there", s.faults, saved, len(views), swaps)
}

func numberIn(view *api.TicketView) string {
	if view.Number == nil {
		return ""
	}
	return *view.Number
}

// checkKept fails for what was acknowledged and is missing, or is there twice. It gives how much was acknowledged.
func (w *worker) checkKept(t *testing.T, views map[string]api.TicketView) (saved int) {
	t.Helper()
	for _, d := range w.made {
		_, there := views[d.ticket]
		if d.saved {
			saved++
		}
		if d.saved && !there {
			t.Errorf("a ticket that was saved at %v is missing", d.call)
		}
	}
	for text, n := range w.notes {
		view := views[n.ticket]
		times := 0
		for _, said := range saidOn(&view, "note") {
			if said == text {
				times++
			}
		}
		if n.saved {
			saved++
		}
		if times > 1 || n.saved && times == 0 {
			t.Errorf("the note %q (saved: %v) is there %d times", text, n.saved, times)
		}
	}
	return saved
}

// matter is one kind of deed: where people remember it, how its answer is read from a ticket, and whether an answer says that it was done.
type matter struct {
	deeds func(*worker) []deed
	read  func(*api.TicketView) string
	done  func(w *worker, got string) bool
}

// history gives the deeds as porcupine reads them. What nobody saw the outcome of may have happened at any time after the call, or, where it was
// never acknowledged and had no effect, not at all.
func (s *storm) history(views map[string]api.TicketView, m matter) []porcupine.Operation {
	var all []porcupine.Operation
	for _, w := range s.workers {
		for _, d := range m.deeds(w) {
			view := views[d.ticket]
			answer := int64(math.MaxInt64)
			if !d.answer.IsZero() {
				answer = d.answer.UnixNano()
			} else if d.got = m.read(&view); !d.saved && !m.done(w, d.got) {
				continue
			}
			all = append(all, porcupine.Operation{
				ClientId: w.number, Call: d.call.UnixNano(), Return: answer, Input: asked{d.ticket, w.desktop.me}, Output: d.got,
			})
		}
	}
	return all
}

// asked is what a deed asks for.
type asked struct{ ticket, person string }

// claimModel is a desk where the first who asks gets a ticket.
var claimModel = porcupine.Model{
	Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
		byTicket := map[string][]porcupine.Operation{}
		for _, o := range history {
			ticket := o.Input.(asked).ticket
			byTicket[ticket] = append(byTicket[ticket], o)
		}
		var parts [][]porcupine.Operation
		for _, part := range byTicket {
			parts = append(parts, part)
		}
		return parts
	},
	Init: func() any { return "" },
	Step: func(state, input, output any) (bool, any) {
		owner := state.(string)
		if owner == "" {
			owner = input.(asked).person
		}
		return output == owner, owner
	},
}

// numberModel is a desk that counts its tickets. What it gave to tickets of others, before the storm or without a witness, is passed over.
func numberModel(history []porcupine.Operation) porcupine.Model {
	var given []string
	for _, o := range history {
		given = append(given, o.Output.(string))
	}
	slices.Sort(given)
	next := map[string]string{}
	for i, before := range append([]string{""}, given...)[:len(given)] {
		next[before] = given[i]
	}
	return porcupine.Model{
		Init: func() any { return "" },
		Step: func(state, _, output any) (bool, any) {
			before, got := state.(string), output.(string)
			return next[before] == got && got > before, got
		},
	}
}

// orderTime bounds the search for an order.
const orderTime = 30 * time.Second

func checkOrder(t *testing.T, what string, model porcupine.Model, history []porcupine.Operation) {
	t.Helper()
	if got := porcupine.CheckOperationsTimeout(model, history, orderTime); got != porcupine.Ok {
		t.Errorf("no order of %d %s fits what people saw: %s", len(history), what, got)
		return
	}
	t.Logf("%d %s have an order that fits what people saw", len(history), what)
}
