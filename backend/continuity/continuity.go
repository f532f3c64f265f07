// Package continuity defines what a cluster keeps of itself so that it can be begun anew when most of it is lost.
package continuity

import (
	"cmp"
	"encoding/json"

	"github.com/google/uuid"

	"holdfast/backend/record"
)

// Cluster is the kind of the one record that says how the cluster is recovered.
const Cluster = "cluster"

// Names of the fields.
const (
	FieldTitle     = "title"
	FieldAuthority = "authority" // the cluster's authority, encrypted to the recovery key, in base64
	FieldCovered   = "covered"   // how far proven backups go: a Coverage as JSON each. A set, as two nodes may back up at once
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

// Covered gives how far the backups that FieldCovered holds go, by space. What cannot be read covers nothing.
func Covered(cluster *record.State) map[record.Space]Coverage {
	covered := map[record.Space]Coverage{}
	if cluster == nil {
		return covered
	}
	for _, element := range cluster.Fields[FieldCovered].Elements {
		if one, err := ReadCoverage(element.Value); err == nil && one.Further(covered[one.Space]) {
			covered[one.Space] = one
		}
	}
	return covered
}

// ReadCoverage reads what Value wrote.
func ReadCoverage(v record.Value) (c Coverage, err error) {
	return c, json.Unmarshal([]byte(v.AsText()), &c)
}

// Value gives the coverage as an element of FieldCovered.
func (c Coverage) Value() (record.Value, error) {
	raw, err := json.Marshal(c)
	return record.Text(string(raw)), err
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
			{Name: FieldCovered, Label: "Covered by backups", Rule: record.RuleSet, Type: record.TypeText},
		},
	}}
}
