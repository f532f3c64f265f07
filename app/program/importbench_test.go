package program

import (
	"bytes"
	"testing"
	"time"

	"holdfast/app/api"
)

// BenchmarkImport measures an export of 20,000 tickets brought into a new site as a person does it: the file handed over, checked, then carried out; and from there until
// all of it is agreed.
func BenchmarkImport(b *testing.B) {
	const count = 20_000
	for b.Loop() {
		p := founded(b, b.TempDir())
		fill(b, p, count)
		var file bytes.Buffer
		if err := p.Services().Exchange.Export(b.Context(), &file); err != nil {
			b.Fatal(err)
		}
		shutAt(b, p)
		p = founded(b, b.TempDir())
		start := time.Now()
		imported(b, p, file.Bytes(), count)
		done := time.Since(start)
		agreed(b, p)
		b.ReportMetric(count/done.Seconds(), "tickets/s")
		b.ReportMetric(count/time.Since(start).Seconds(), "agreed/s")
		shutAt(b, p)
	}
}

// imported brings a file of JSON Lines in, and checks that so many tickets came of it.
func imported(b *testing.B, p *Program, file []byte, count int) {
	b.Helper()
	imports := p.Services().Exchange
	x, err := imports.Begin(b.Context(), api.ImportWish{As: "jsonl", Name: "tickets.jsonl", Size: int64(len(file))})
	if err != nil {
		b.Fatal(err)
	}
	for number := 0; len(file) > 0; number++ {
		piece := file[:min(len(file), 256<<10)]
		if err := imports.Chunk(b.Context(), x.ID, number, piece); err != nil {
			b.Fatal(err)
		}
		file = file[len(piece):]
	}
	if err := imports.Plan(b.Context(), x.ID, ""); err != nil {
		b.Fatal(err)
	}
	came(b, imports, x.ID, "planned")
	if err := imports.Run(b.Context(), x.ID); err != nil {
		b.Fatal(err)
	}
	if result := came(b, imports, x.ID, "done").Result; result.Create["incident"] != count {
		b.Fatalf("%d tickets were imported, want %d", result.Create["incident"], count)
	}
}

// came waits until an import is in a state.
func came(b *testing.B, imports api.Exchange, id, state string) api.Import {
	b.Helper()
	for {
		x, err := imports.Import(id)
		if err != nil {
			b.Fatal(err)
		}
		switch x.State {
		case state:
			return x
		case "failed", "cancelled":
			b.Fatal(x.State, x.Problem)
		}
		time.Sleep(time.Millisecond)
	}
}
