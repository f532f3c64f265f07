package main

// figure is one promise of the design's section 12 and the benchmark that measures it. A benchmark reports its figure
// with b.ReportMetric(value, unit); for "ns/op" Go reports it itself.
type figure struct {
	name    string  // as printed
	pkg     string  // package of the benchmark, from the root of the module
	bench   string  // name of the benchmark, with its sub-benchmark after a slash
	metric  string  // unit that the benchmark reports
	scale   float64 // what one metric is in units: 1e-6 makes ms of ns
	unit    string  // as printed
	target  float64 // in units
	atLeast bool    // the target is a floor, not a ceiling
	once    bool    // measured by one run of the benchmark's body, not by repetition
}

const (
	nsToMs = 1e-6
	same   = 1
)

// figures is the whole list, in the order of the design.
var figures = []figure{
	{"window usable after start", "app/program", "BenchmarkStart/100k", "ms", same, "ms", 1500, false, true},
	{"window usable after start, 1,000,000 tickets", "app/program", "BenchmarkStart/1M", "ms", same, "ms", 4000, false, true},
	{"filtered, sorted page of 50 with all facet counts, mean", "backend/query", "BenchmarkList", "ns/op", nsToMs, "ms", 1, false, false},
	{"filtered, sorted page of 50 with all facet counts, p99", "backend/query", "BenchmarkList", "p99-ms", same, "ms", 5, false, false},
	{"full-text query, top 20, p50", "backend/search", "BenchmarkSearch", "p50-ms", same, "ms", 5, false, false},
	{"full-text query, top 20, p99", "backend/search", "BenchmarkSearch", "p99-ms", same, "ms", 25, false, false},
	{"save an edit, durable, against a 4 KiB synced append, p50", "backend/store", "BenchmarkAppend", "×raw", same, "x", 1.5, false, false},
	{"bulk import, stored", "backend/store", "BenchmarkAppendBulk", "tickets/s", same, "tickets/s", 20_000, true, false},
	{"bulk import, indexed", "backend/search", "BenchmarkSearch", "documents/s", same, "tickets/s", 10_000, true, false},
	{"bulk import of a file of JSON Lines, handed over, checked and stored", "app/program", "BenchmarkImport", "tickets/s", same, "tickets/s", 20_000, true, true},
	{"first sync of a fresh desktop, store to store", "backend/store", "BenchmarkLarge/SpaceSnapshot", "tickets/s", same, "tickets/s", 20_000, true, true},
	{"offline edits of two desktops merged and converged", "sync/session", "BenchmarkOfflineEditsOfTwoStores", "edits/s", same, "edits/s", 10_000, true, true},
	{"commits through three nodes, 64 writers", "sync/node", "BenchmarkCommit/three/64writers", "edits/s", same, "edits/s", 20_000, true, true},
	{"commits through three nodes, one writer, against bare hashicorp/raft", "sync/node", "BenchmarkCommit/three/1writer", "x-raft", same, "x", 1.5, false, true},
	{"incremental sync of 1,000 changed tickets", "app/program", "BenchmarkIncrementalSync/singly", "ms", same, "ms", 100, false, true},
	{"idle handshake with 5,000 known devices, above TLS", "sync/syncer", "BenchmarkIdleHandshake", "bytes", same, "bytes", 2048, false, true},
	{"bytes on the wire for an edit, written singly", "sync/syncer", "BenchmarkEditBytes/singly", "bytes/edit", same, "bytes", 1536, false, true},
	{"bytes on the wire for an edit, of a thousand at once", "sync/syncer", "BenchmarkEditBytes/together", "bytes/edit", same, "bytes", 256, false, true},
	{"processor time of an idle node and desktop together", "app/program", "BenchmarkIdle", "cpu-ms/s", same, "ms/s", 20, false, true},
	{"memory of the desktop's Go side", "app/program", "BenchmarkMemory", "MiB", same, "MiB", 300, false, true},
	{"disk, a ticket with history and index", "app/program", "BenchmarkDisk", "KiB", same, "KiB", 3, false, true},
	{"an edit seen on another desktop of the site, typical", "app/program", "BenchmarkSeen", "p50-ms", same, "ms", 50, false, true},
	{"an edit seen on another desktop of the site, at most", "app/program", "BenchmarkSeen", "max-ms", same, "ms", 1000, false, true},
}
