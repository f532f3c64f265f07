//go:build desktop

package desktop

import (
	"testing"

	"github.com/wailsapp/wails/v2/pkg/menu"
)

func TestEveryShortcutIsOneThatWailsKnows(t *testing.T) {
	for _, group := range menuGroups() {
		for _, entry := range group.entries {
			if entry.shortcut != "" && shortcut(entry.shortcut) == nil {
				t.Errorf("%s: %q is no shortcut", entry.label, entry.shortcut)
			}
		}
	}
}

func TestMenuEntriesChooseTheirAction(t *testing.T) {
	var chosen []string
	bar := menuBar(func(action string) { chosen = append(chosen, action) })
	var want []string
	for _, group := range menuGroups() {
		for _, entry := range group.entries {
			if entry.action != "" {
				want = append(want, entry.action)
			}
		}
	}
	click(bar)
	for _, top := range bar.Items {
		click(top.SubMenu)
	}
	if len(chosen) != len(want) {
		t.Fatalf("want %v, got %v", want, chosen)
	}
	for i := range want {
		if chosen[i] != want[i] {
			t.Fatalf("want %v, got %v", want, chosen)
		}
	}
}

func click(m *menu.Menu) {
	if m == nil {
		return
	}
	for _, item := range m.Items {
		if item.Click != nil {
			item.Click(&menu.CallbackData{MenuItem: item})
		}
	}
}
