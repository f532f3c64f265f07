//go:build desktop

package desktop

import (
	"runtime"

	"github.com/wailsapp/wails/v2/pkg/menu"
	"github.com/wailsapp/wails/v2/pkg/menu/keys"
)

// menuBar builds the menu; choose is called with an entry's action. A shortcut that cannot be read leaves the entry
// without one (the table is checked by a test).
func menuBar(choose func(action string)) *menu.Menu {
	bar := menu.NewMenu()
	if runtime.GOOS == "darwin" {
		bar.Append(menu.AppMenu())
		bar.Append(menu.EditMenu())
	}
	for _, group := range menuGroups() {
		sub := bar.AddSubmenu(group.label)
		for _, entry := range group.entries {
			if entry.action == "" {
				sub.AddSeparator()
				continue
			}
			sub.AddText(entry.label, shortcut(entry.shortcut), func(*menu.CallbackData) { choose(entry.action) })
		}
	}
	return bar
}

func shortcut(text string) *keys.Accelerator {
	if text == "" {
		return nil
	}
	parsed, err := keys.Parse(text)
	if err != nil {
		return nil
	}
	return parsed
}
