package syncer_test

import (
	"testing"

	"holdfast/backend/record"
	"holdfast/sync/enrol/enroltest"
	"holdfast/sync/node/nodetest"
)

// BenchmarkEditBytes measures what an edit of a desktop costs on its connection to a node, below TLS and both ways, until both have it agreed: written one after
// the other, or a thousand at once.
func BenchmarkEditBytes(b *testing.B) {
	for name, together := range map[string]int{"singly": 1, "together": 1000} {
		b.Run(name, func(b *testing.B) {
			edits := max(200, together)
			cluster := enroltest.New(b)
			n := newParty(b, cluster.Node(b, "node", "LYO")).up()
			a := invited(b, cluster, "a", n)
			a.meters = &meters{}
			a.up()
			a.append(nodetest.Ticket(nodetest.NewID(), "The first one introduces its author"))
			a.untilSame(n)
			for b.Loop() {
				_, before := a.meters.count()
				for done := 0; done < edits; done += together {
					var drafts []record.Draft
					for range together {
						drafts = append(drafts, nodetest.Ticket(nodetest.NewID(), "Printer on floor 3 prints blank pages"))
					}
					a.append(drafts...)
					a.untilSame(n)
				}
				conns, after := a.meters.count()
				if conns != 1 {
					b.Fatalf("it took %d connections", conns)
				}
				b.ReportMetric(float64(after-before)/float64(edits), "bytes/edit")
			}
		})
	}
}
