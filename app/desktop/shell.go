package desktop

// shell is what the window system offers. Everything but the adapter speaks to this interface, so that it can be tested
// without a screen. Its methods may be called from any goroutine between start-up and shutdown of the window.
type shell interface {
	// openFile, saveFile and openFolder ask the person; an empty path means that they cancelled.
	openFile(FileQuestion) (string, error)
	saveFile(FileQuestion) (string, error)
	openFolder(title string) (string, error)
	// notify shows a notification outside the window. An error means that the system or the person does not allow it.
	notify(title, body string) error
	// browse opens an address in the person's browser.
	browse(address string)
	// setTheme colours the window's frame, where the system has such a setting.
	setTheme(theme string)
	// setTitle names the window.
	setTitle(title string)
}
