package exchange

import (
	"github.com/google/uuid"

	"holdfast/backend/people"
	"holdfast/backend/record"
)

// namer queues items, and before each the records that stand for the names in it, once.
type namer struct {
	space record.Space
	views Views
	queue []Item
	known map[record.ID]bool // named by an earlier item
}

func newNamer(space record.Space, views Views) namer {
	return namer{space: space, views: views, known: map[record.ID]bool{}}
}

// refuse queues a line that cannot be read.
func (n *namer) refuse(line int, reason string) {
	n.queue = append(n.queue, Item{Line: line, Problem: reason})
}

// id gives the id of a record that stands for a name in the source.
func (n *namer) id(kind, name string) record.ID {
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte("holdfast:import:"+string(n.space)+":"+kind+":"+name))
}

// named queues the record that stands for a name, once, and gives its id.
func (n *namer) named(kind, name string, line int) (record.ID, error) {
	id := n.id(kind, name)
	if n.known[id] {
		return id, nil
	}
	n.known[id] = true
	existing, err := n.views.View(id)
	if err != nil {
		return id, err
	}
	item := Item{Line: line, Kind: kind, Record: id, Title: name, Fresh: true, Mutations: []record.Mutation{
		{Op: record.OpCreate, Record: id, Kind: kind},
		{Op: record.OpSet, Record: id, Field: people.FieldTitle, Value: record.Text(name)},
	}}
	if kind == people.Person || kind == people.Team {
		item.Mutations = append(item.Mutations, record.Mutation{Op: record.OpSet, Record: id, Field: people.FieldSite, Value: record.Text(n.space.Site())})
	}
	if existing != nil {
		item.Skip, item.Fresh = "The "+kind+" is here already.", false
	}
	n.queue = append(n.queue, item)
	return id, nil
}
