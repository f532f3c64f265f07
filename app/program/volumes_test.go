package program

import (
	"fmt"
	"testing"

	"holdfast/backend/config"
	"holdfast/backend/desk"
	"holdfast/backend/record"
)

// However often something is published, a record holds few publications, and a device that comes late has all of them.
func TestPublicationsFillOneVolumeAfterAnother(t *testing.T) {
	p := founded(t, t.TempDir())
	defer shutAt(t, p)
	const most = desk.VolumePublications + 3
	for n := range most {
		write(t, p, "categories.yaml", fmt.Sprintf("# %d\n", n))
		if got := publish(t, p); got.State != "published" {
			t.Fatalf("publication %d: %+v", n, got)
		}
	}
	var held []int
	err := desk.EachVolume(p.site.store, func(volume *record.State) error {
		held = append(held, len(volume.Fields[desk.FieldPacks].Items))
		return nil
	})
	if err != nil || len(held) != 2 {
		t.Fatalf("the volumes hold %v: %v", held, err)
	}
	total := 0
	for _, n := range held {
		if total += n; n > desk.VolumePublications {
			t.Errorf("a volume holds %d publications", n)
		}
	}
	if total < most {
		t.Errorf("%d publications are left of %d", total, most)
	}
	late := joined(t, p, t.TempDir())
	defer shutAt(t, late)
	published := func(p *Program) config.Hash {
		table, err := p.site.store.Committed(desk.RepositoryID)
		if err != nil || table == nil {
			return ""
		}
		return config.Hash(table.Shown(desk.FieldMain).AsText())
	}
	come(t, func() bool {
		head, err := late.site.config.repository.Head(branchMain)
		return err == nil && head != "" && head == published(p) && published(late) == head
	})
}
