package sim

import (
	"errors"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
	"holdfast/sync/session"
)

// link is a connection between two devices with a session at each end.
type link struct {
	ends     [2]*end
	slow     bool
	tampered bool // messages were lost, doubled or put in another order, which no honest connection does: at worst the session ends
}

type end struct {
	device  *device
	session *session.Session
	coming  [][]byte // frames on their way to this end, oldest first
	link    *link
}

func (e *end) other() *end {
	if e.link.ends[0] == e {
		return e.link.ends[1]
	}
	return e.link.ends[0]
}

func (w *world) connectSome() error {
	a, b := pick(w, w.devices), pick(w, w.devices)
	if a.ID() == b.ID() || w.apart[a] != w.apart[b] || w.linked(a, b) {
		return nil
	}
	return w.connect(a, b)
}

func (w *world) linked(a, b *device) bool {
	return slices.ContainsFunc(w.links, func(l *link) bool {
		return l.ends[0].device == a && l.ends[1].device == b || l.ends[0].device == b && l.ends[1].device == a
	})
}

func (w *world) connect(a, b *device) error {
	if apart, err := w.estranged(a, b); err != nil || apart {
		w.tally["refused an outcast"] += btoi(apart)
		if err != nil {
			return err
		}
		return w.told(a, b)
	}
	w.note("%s and %s connect", a.name, b.name)
	var common []record.Space
	for _, space := range a.spaces {
		if slices.Contains(b.spaces, space) {
			common = append(common, space)
		}
	}
	var known [2]session.Generations
	for i, d := range []*device{a, b} {
		var err error
		if known[i], err = w.generations(d); err != nil {
			return err
		}
	}
	l := &link{slow: w.chance(15)}
	for i, d := range []*device{a, b} {
		l.ends[i] = &end{device: d, link: l}
		l.ends[i].session = session.New(session.Config{
			Self: d.ID(), Peer: []*device{b, a}[i].ID(), Cluster: cluster, Spaces: common, CommitsFromRaft: d.group != nil, Generation: d.of(), Generations: known[i], Devices: d.roster,
			Snapshots: session.SnapshotsOf(d.store), SnapshotAbove: 1 + w.rand.Uint64N(20), Claims: d.claims,
			Trusted: []*device{b, a}[i].node,
		}, d.store)
	}
	w.links = append(w.links, l)
	for _, e := range l.ends {
		w.send(e, e.session.Start())
	}
	return nil
}

func (w *world) send(from *end, messages []session.Message) {
	to := from.other()
	for _, m := range messages {
		frame, err := session.Encode(m)
		if err != nil {
			panic(err) // of a message that a session has just made
		}
		to.coming = append(to.coming, frame)
	}
}

func (w *world) cut(l *link) {
	for _, e := range l.ends {
		e.session.End()
	}
	w.links = slices.DeleteFunc(w.links, func(other *link) bool { return other == l })
}

// hangUp cuts all of a device's links.
func (w *world) hangUp(d *device) {
	for _, l := range slices.Clone(w.links) {
		if l.ends[0].device == d || l.ends[1].device == d {
			w.cut(l)
		}
	}
}

func (w *world) cutOne() error {
	if len(w.links) > 0 {
		l := pick(w, w.links)
		w.note("%s and %s are cut", l.ends[0].device.name, l.ends[1].device.name)
		w.cut(l)
	}
	return nil
}

// partition draws a new line between the devices, or takes it away.
func (w *world) partition() error {
	clear(w.apart)
	if w.chance(50) {
		for _, d := range w.devices {
			w.apart[d] = w.chance(50)
		}
	}
	w.note("the network is parted anew")
	for _, l := range slices.Clone(w.links) {
		if w.apart[l.ends[0].device] != w.apart[l.ends[1].device] {
			w.cut(l)
		}
	}
	return nil
}

// waiting gives the ends that frames are on their way to.
func (w *world) waiting() []*end {
	var all []*end
	for _, l := range w.links {
		for _, e := range l.ends {
			if len(e.coming) > 0 {
				all = append(all, e)
			}
		}
	}
	return all
}

// double lets a frame come twice.
func (w *world) double() error {
	w.tamper("comes twice", func(frames [][]byte) [][]byte { return slices.Insert(frames, 0, frames[0]) })
	return nil
}

// lose lets a frame get lost.
func (w *world) lose() error {
	w.tamper("is lost", func(frames [][]byte) [][]byte { return slices.Delete(frames, 0, 1) })
	return nil
}

// reorder lets a frame come after all that follow it.
func (w *world) reorder() error {
	w.tamper("comes late", func(frames [][]byte) [][]byte { return append(frames[1:], frames[0]) })
	return nil
}

func (w *world) tamper(how string, change func([][]byte) [][]byte) {
	if all := w.waiting(); len(all) > 0 {
		e := pick(w, all)
		w.note("a message to %s %s", e.device.name, how)
		e.coming, e.link.tampered = change(slices.Clone(e.coming)), true
	}
}

func (w *world) deliverSome() error {
	for range 1 + w.rand.IntN(6) {
		all := w.waiting()
		if len(all) == 0 {
			return nil
		}
		e := pick(w, all)
		if e.link.slow && w.chance(70) {
			continue
		}
		if err := w.deliver(e); err != nil {
			return err
		}
	}
	return nil
}

// deliver hands the next frame to an end.
func (w *world) deliver(e *end) error {
	frame := e.coming[0]
	e.coming = e.coming[1:]
	m, err := session.Decode(frame)
	if err != nil {
		return err
	}
	w.tally[strings.TrimPrefix(fmt.Sprintf("%T", m), "*session.")]++
	if err := w.noteLeft(e.device); err != nil {
		return err
	}
	replaced := w.replacing(e.device, m)
	answers, err := e.session.Step(w.ctx, m)
	if replaced() {
		w.tally["replaced"]++
	}
	w.note("%s -> %s  %s  %08x", e.other().device.name, e.device.name, describe(m), crc32.ChecksumIEEE(frame))
	w.send(e, answers)
	if err != nil {
		w.note("%s ends the session: %s", e.device.name, fault.CodeOf(err))
		if !w.excused(e, err) {
			return err
		}
	}
	if e.session.Over() {
		w.cut(e.link)
	}
	return errors.Join(w.follow(e.device), w.watch(e.device))
}

// excused reports whether what was done to an end explains that its session ends.
func (w *world) excused(e *end, err error) bool {
	switch {
	case fault.Is(err, session.CodeViolation):
		return e.link.tampered
	case fault.Is(err, session.CodeGenerationBehind):
		return w.recovery.begun() // one of them has just heard, or is about to
	case fault.Is(err, session.CodeFailure):
		return e.other().device.disk.room > 0 // the other side failed, and does not say why
	}
	return w.tooFull(e.device, err)
}

func (w *world) pollOne() error { return w.poll(pick(w, w.devices)) }

// poll tells a device's sessions that its replica may have changed.
func (w *world) poll(d *device) error {
	for _, l := range slices.Clone(w.links) {
		for _, e := range l.ends {
			if e.device != d {
				continue
			}
			messages, err := e.session.Poll(w.ctx)
			w.send(e, messages)
			if err != nil && !w.excused(e, err) {
				return err
			}
			if e.session.Over() {
				w.cut(l)
			}
		}
	}
	return nil
}
