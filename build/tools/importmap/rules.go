package main

// rule forbids imports. A pattern is an import path; one that ends with "/..." covers the package and everything below
// it; "..." covers all. Paths that start with "./" belong to this module.
type rule struct {
	who    []string // packages that the rule binds
	unless []string // of those, the ones it does not bind
	not    []string // what they may not import
	but    []string // of that, what they may
	tests  bool     // test files too
	reason string
}

// pure are the packages that only compute: the same on every replica, testable without a disk, a network or a clock.
var pure = []string{
	"./backend/core/clock/...", "./backend/core/fault/...", "./backend/core/limit/...",
	"./backend/record/...",
	"./backend/ticket/...", "./backend/attachment/...", "./backend/catalog/...", "./backend/knowledge/...", "./backend/change/...", "./backend/asset/...",
	"./backend/people/...", "./backend/continuity/...", "./backend/governance/...",
	"./backend/sla/...", "./backend/workflow/...", "./backend/policy/...", "./backend/priority/...", "./backend/audit/...",
	"./sync/session",
}

// doesIO are the parts of the standard library that reach outside the process.
var doesIO = []string{
	"os/...", "net", "net/http/...", "net/rpc/...", "net/smtp", "database/...", "syscall/...", "io/ioutil", "log", "log/syslog", "plugin",
	"crypto/tls", "testing/iotest",
}

// importRules is the import map: section 10 of the design, made checkable.
var importRules = []rule{
	{who: []string{"./backend/..."}, not: []string{"./app/...", "./sync/...", "./frontend/..."}, tests: true,
		reason: "the service desk stands on its own: how it is shown and how it is replicated can change without it"},
	{who: []string{"./sync/..."}, not: []string{"./app/...", "./frontend/..."}, tests: true,
		reason: "replication serves desktops, nodes and bundles alike and knows none of them"},
	{who: []string{"./sync/..."}, not: []string{"./backend/..."},
		but:    []string{"./backend/core/...", "./backend/record/...", "./backend/store/..."},
		reason: "replication moves edits of any kind and knows no tickets"},
	{who: pure, not: doesIO,
		reason: "pure packages only compute, so that every replica computes the same and tests need no machine"},
	{who: pure, not: []string{"./backend/store/...", "./backend/query/...", "./backend/search/...", "./backend/report/...",
		"./backend/config/...", "./backend/desk/...", "./backend/core/diskfile/..."},
		but:    nil,
		unless: []string{"./sync/session"},
		reason: "rules do not know where data lies"},
	{who: []string{"./sync/session"}, not: []string{"./sync/..."}, but: []string{"./sync/session/..."},
		reason: "the session is a step function: transports carry it, it calls none"},
	{who: []string{"./backend/store/..."}, not: []string{"./backend/..."},
		but:    []string{"./backend/core/...", "./backend/record/...", "./backend/store/..."},
		reason: "the store keeps records of any kind: a new kind changes nothing in it"},
	{who: []string{"./backend/record/..."}, not: []string{"./..."}, but: []string{"./backend/core/...", "./backend/record/..."},
		reason: "records are what everything else is built on"},
	{who: []string{"./backend/core/..."}, not: []string{"./..."}, but: []string{"./backend/core/..."},
		reason: "the core is the bottom layer"},
	{who: []string{"./app/desktop/...", "./app/prefs/..."}, not: []string{"./..."},
		but:    []string{"./app/prefs/...", "./app/desktop/...", "./backend/core/..."},
		reason: "the window shows whatever handler it is given"},

	{who: []string{"..."}, unless: []string{"./backend/store/..."}, not: []string{"github.com/dgraph-io/badger/...", "github.com/dgraph-io/ristretto/..."}, tests: true,
		reason: "one place owns the layout of keys, the durability and the upgrades"},
	{who: []string{"..."}, unless: []string{"./backend/config/..."}, not: []string{"github.com/go-git/..."}, tests: true,
		reason: "go-git is safe only behind one mutex and one writer of references"},
	{who: []string{"..."}, unless: []string{"./app/desktop/..."}, not: []string{"github.com/wailsapp/..."}, tests: true,
		reason: "every other part builds, runs and is tested without a window"},
	{who: []string{"..."}, unless: []string{"./sync/node/...", "./sync/transport/..."}, not: []string{"github.com/hashicorp/raft/..."}, tests: true,
		reason: "only the node takes part in the group; the transport names Raft's stream layer, which it implements"},
	{who: []string{"..."}, unless: []string{"./sync/node/..."}, not: []string{"go.etcd.io/bbolt/..."}, tests: true,
		reason: "bbolt holds the Raft log and nothing else"},
	{who: []string{"..."}, unless: []string{"./sync/nearby/..."}, not: []string{"golang.org/x/net/..."}, tests: true,
		reason: "one package speaks multicast, whatever it hears there is a hint and no more"},
	{who: []string{"./sync/nearby/..."}, not: []string{"./..."}, but: []string{"./backend/core/...", "./sync/nearby/..."},
		reason: "finding an address needs no knowledge of devices, and none of it can be announced"},
	{who: []string{"..."}, unless: []string{"./backend/search/..."}, not: []string{"github.com/blevesearch/..."}, tests: true,
		reason: "the full-text index is derived and disposable, so it must be replaceable"},
	{who: []string{"..."}, unless: []string{"./app/api/..."}, not: []string{"github.com/danielgtaylor/huma/..."}, tests: true,
		reason: "the API is described in one place"},
	{who: []string{"..."}, unless: []string{"./app/command/..."}, not: []string{"github.com/spf13/..."}, tests: true,
		reason: "flags and commands are one package's business; others take a configuration value"},
	{who: []string{"..."}, unless: []string{".", "./app/...", "./frontend/..."}, not: []string{"./frontend/..."}, tests: true,
		reason: "the interface is a client of the API"},
	{who: []string{"..."}, not: []string{"math/rand"}, tests: true,
		reason: "math/rand/v2 has no shared state to seed"},
}

// bannedNames are package names that say nothing about what is inside.
var bannedNames = map[string]bool{
	"util": true, "utils": true, "common": true, "helper": true, "helpers": true, "manager": true, "managers": true,
	"misc": true, "shared": true, "base": true, "lib": true,
}

// emptyOfGo are folders in which no Go file stands directly: their packages do.
var emptyOfGo = []string{"app", "backend", "sync"}

const (
	functionLinesMax = 70
	fileLinesMax     = 499
)

// clockCalls are what pure packages may not name: time is handed in.
var clockCalls = map[string]bool{"Now": true, "Since": true, "Until": true, "Sleep": true, "After": true, "Tick": true,
	"NewTimer": true, "NewTicker": true, "AfterFunc": true}
