// Package continuity defines what a cluster keeps of itself so that it can be begun anew when most of it is lost.
package continuity

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"

	"github.com/google/uuid"

	"holdfast/backend/record"
)

// Cluster is the kind of the one record that says how the cluster is recovered.
const Cluster = "cluster"

// Names of the fields.
const (
	FieldTitle     = "title"
	FieldAuthority = "authority" // the cluster's authority, encrypted to the recovery key, in base64
	FieldCovered   = "covered"   // how far proven backups go, as JSON: one Coverage for each space
	FieldRecipient = "recipient" // what backups are encrypted to, for whoever has the recovery key, in base64
)

// ClusterID is the id of that record, the same in every cluster.
var ClusterID = uuid.NewSHA1(uuid.NameSpaceURL, []byte("holdfast:cluster"))

// Coverage says how far a proven backup holds a space.
type Coverage struct {
	Space      record.Space `json:"space"`
	Generation uint64       `json:"generation,string"`
	Commit     uint64       `json:"commit,string"`
}

// Covered reads what FieldCovered holds, by space. What cannot be read covers nothing.
func Covered(cluster *record.State) map[record.Space]Coverage {
	var all []Coverage
	if cluster == nil || json.Unmarshal([]byte(cluster.Shown(FieldCovered).AsText()), &all) != nil {
		return map[record.Space]Coverage{}
	}
	covered := make(map[record.Space]Coverage, len(all))
	for _, one := range all {
		covered[one.Space] = one
	}
	return covered
}

// CoveredText gives what FieldCovered holds, ordered.
func CoveredText(covered map[record.Space]Coverage) (string, error) {
	all := slices.SortedFunc(maps.Values(covered), func(a, b Coverage) int { return cmp.Compare(a.Space, b.Space) })
	raw, err := json.Marshal(all)
	return string(raw), err
}

// Further reports whether it goes beyond another coverage of the space.
func (c Coverage) Further(than Coverage) bool {
	return cmp.Or(cmp.Compare(c.Generation, than.Generation), cmp.Compare(c.Commit, than.Commit)) > 0
}

// Kinds gives the definitions of this area.
func Kinds() []record.Kind {
	return []record.Kind{{
		Name: Cluster, Label: "Cluster", Shared: true, Title: FieldTitle,
		Fields: []record.Definition{
			{Name: FieldTitle, Label: "Name", Rule: record.RuleRegister, Type: record.TypeText},
			{Name: FieldAuthority, Label: "Sealed authority", Rule: record.RuleRegister, Type: record.TypeText},
			{Name: FieldRecipient, Label: "Recipient of backups", Rule: record.RuleRegister, Type: record.TypeText},
			{Name: FieldCovered, Label: "Covered by backups", Rule: record.RuleRegister, Type: record.TypeText},
		},
	}}
}
