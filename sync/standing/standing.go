// Package standing remembers how far other devices said that they are, so that what is made for them while they cannot be reached begins there.
package standing

import (
	"context"
	"slices"
	"strings"

	"holdfast/backend/record"
)

// Values are named values that outlast the program; *store.Store keeps such.
type Values interface {
	Meta(name string) ([]byte, error)
	SetMeta(ctx context.Context, name string, value []byte) error
	MetaNames(prefix string) ([]string, error)
}

const (
	prefix = "stands/"
	// spacesMax bounds the spaces that are remembered of a device; a named value holds that many.
	spacesMax = 256
)

// Note remembers where a device stands, also that it has nothing agreed in a space. A space that it said nothing of now keeps what was known, and so does one in which it was
// further in the same generation: it does not go back.
func Note(ctx context.Context, values Values, device record.DeviceID, now []record.Frontier) error {
	known, err := Of(values, device)
	if err != nil {
		return err
	}
	merged := slices.Clone(known)
	for _, front := range now {
		at := slices.IndexFunc(merged, func(f record.Frontier) bool { return f.Space == front.Space })
		switch {
		case at < 0 && len(merged) < spacesMax:
			merged = append(merged, front)
		case at >= 0 && (front.Generation > merged[at].Generation || front.Generation == merged[at].Generation && front.Commit > merged[at].Commit):
			merged[at] = front
		}
	}
	if slices.Equal(known, merged) {
		return nil
	}
	raw, err := record.Encode(merged)
	if err != nil {
		return err
	}
	return values.SetMeta(ctx, prefix+device.String(), raw)
}

// Of gives where a device said last that it stands; nothing when it never did.
func Of(values Values, device record.DeviceID) ([]record.Frontier, error) {
	raw, err := values.Meta(prefix + device.String())
	if err != nil || raw == nil {
		return nil, err
	}
	var fronts []record.Frontier
	return fronts, record.Decode(raw, &fronts)
}

// Devices gives the devices of which something is known.
func Devices(values Values) ([]record.DeviceID, error) {
	names, err := values.MetaNames(prefix)
	if err != nil {
		return nil, err
	}
	var devices []record.DeviceID
	for _, name := range names {
		device, err := record.ParseDevice(strings.TrimPrefix(name, prefix))
		if err != nil {
			return nil, err
		}
		devices = append(devices, device)
	}
	return devices, nil
}
