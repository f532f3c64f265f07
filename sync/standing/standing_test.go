package standing_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"

	"holdfast/backend/record"
	"holdfast/sync/standing"
)

// values are named values in memory.
type values map[string][]byte

func (v values) Meta(name string) ([]byte, error) { return v[name], nil }

func (v values) SetMeta(_ context.Context, name string, value []byte) error {
	v[name] = value
	return nil
}

func (v values) MetaNames(prefix string) ([]string, error) {
	names := slices.Sorted(maps.Keys(v))
	return slices.DeleteFunc(names, func(name string) bool { return !strings.HasPrefix(name, prefix) }), nil
}

func TestNobodyGoesBack(t *testing.T) {
	held := values{"other": []byte("x")}
	device := record.DeviceID{7}
	at := func(space record.Space, generation, commit uint64) record.Frontier {
		return record.Frontier{Space: space, Generation: generation, Commit: commit}
	}
	for _, now := range [][]record.Frontier{
		{at("org", 1, 5), at("site/LYO", 1, 0)}, {at("org", 1, 3)}, {at("site/LYO", 1, 9)}, {at("org", 1, 6)}, {}, {at("site/LYO", 2, 4)},
	} {
		if err := standing.Note(t.Context(), held, device, now); err != nil {
			t.Fatal(err)
		}
	}
	got, err := standing.Of(held, device)
	if want := []record.Frontier{at("org", 1, 6), at("site/LYO", 2, 4)}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%+v %v, want %+v", got, err, want)
	}
	if devices, err := standing.Devices(held); err != nil || !slices.Equal(devices, []record.DeviceID{device}) {
		t.Errorf("%v %v", devices, err)
	}
	if unknown, err := standing.Of(held, record.DeviceID{8}); err != nil || unknown != nil {
		t.Errorf("%v %v", unknown, err)
	}
}
