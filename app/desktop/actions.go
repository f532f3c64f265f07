package desktop

// The actions of the menu, as EventMenu carries them.
const (
	actionNewTicket = "new-ticket"
	actionImport    = "import"
	actionExport    = "export"
	actionSettings  = "settings"
	actionQuit      = "quit" // handled by the program, never sent
	actionPalette   = "palette"
	actionMyWork    = "go-my-work"
	actionTickets   = "go-tickets"
	actionCatalogue = "go-catalogue"
	actionKnowledge = "go-knowledge"
	actionSync      = "go-sync"
	actionOffline   = "toggle-offline"
	actionKeyboard  = "keyboard-map"
	actionAbout     = "about"
)

// menuEntry is one line of the menu; an empty action is a separator.
type menuEntry struct {
	label    string
	action   string
	shortcut string // Wails' notation; only what browsers and the interface's own keys leave free, or what means the same there
}

type menuGroup struct {
	label   string
	entries []menuEntry
}

// menuGroups is the menu bar. Copying, pasting and undoing stay with the page: each text field has its own.
func menuGroups() []menuGroup {
	return []menuGroup{
		{"File", []menuEntry{
			{"New ticket", actionNewTicket, "cmdorctrl+n"},
			{},
			{"Import…", actionImport, ""},
			{"Export…", actionExport, ""},
			{},
			{"Settings", actionSettings, "cmdorctrl+,"},
			{},
			{"Quit", actionQuit, "cmdorctrl+q"},
		}},
		{"Go", []menuEntry{
			{"Search or run a command…", actionPalette, "cmdorctrl+k"},
			{},
			{"My work", actionMyWork, "cmdorctrl+1"},
			{"Tickets", actionTickets, "cmdorctrl+2"},
			{"Catalogue", actionCatalogue, "cmdorctrl+3"},
			{"Knowledge", actionKnowledge, "cmdorctrl+4"},
			{"Sync", actionSync, "cmdorctrl+5"},
		}},
		{"Sync", []menuEntry{
			{"Work offline or go back online", actionOffline, ""},
		}},
		{"Help", []menuEntry{
			{"Keyboard map", actionKeyboard, "f1"},
			{"About Holdfast", actionAbout, ""},
		}},
	}
}
