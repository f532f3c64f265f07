// Package attachment defines the files that hang on a record: the field that any kind may have, what stands in its items, and what of it may be believed.
package attachment

import (
	"mime"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"holdfast/backend/core/fault"
	"holdfast/backend/core/limit"
	"holdfast/backend/record"
)

// Field is the name of the field, on every kind that has it.
const Field = "attachments"

// Names in the map of the field's items.
const (
	itemBlob  = "blob"  // SHA-256 of the content
	itemName  = "name"  // of the file
	itemSize  = "size"  // in bytes
	itemMedia = "media" // type and subtype
)

// Definition gives the field.
func Definition() record.Definition {
	return record.Definition{Name: Field, Label: "Attachments", Rule: record.RuleList, Type: record.TypeEntry, Searchable: true}
}

// File is one attached file. Who attached it, when and on which device is the origin's.
type File struct {
	ID     record.ID
	Blob   record.Hash
	Name   string
	Size   int64
	Media  string
	Origin record.Origin
}

// Check refuses what no file can be, in a sentence for the person who attaches it.
func (f *File) Check() error {
	const op = "attachment.Check"
	switch {
	case f.Size < 0 || f.Size > limit.BlobBytesMax:
		return fault.Newf(fault.Invalid, op, "The file is larger than %d MiB. Split it, or keep it elsewhere and attach a link.", limit.BlobBytesMax>>20)
	case f.Name == "" || f.Name != Name(f.Name):
		return fault.New(fault.Invalid, op, "The file needs a name without folders or control characters.")
	case f.Media != Media(f.Media):
		return fault.Newf(fault.Invalid, op, "%q is not a type of file.", f.Media)
	}
	return nil
}

// Value gives what is stored of a file.
func (f *File) Value() record.Value {
	return record.Named(map[string]record.Value{
		itemBlob: record.Bytes(f.Blob[:]), itemName: record.Text(f.Name), itemSize: record.Integer(f.Size), itemMedia: record.Text(f.Media),
	})
}

// Read reads what is stored of a file; false when it is none. A peer may have written it: name and type are made harmless.
func Read(value record.Value) (File, bool) {
	named := value.AsNamed()
	blob := named[itemBlob].AsBytes()
	f := File{Name: Name(named[itemName].AsText()), Size: named[itemSize].AsInteger(), Media: Media(named[itemMedia].AsText())}
	if len(blob) != len(f.Blob) || f.Size < 0 || f.Size > limit.BlobBytesMax {
		return File{}, false
	}
	f.Blob = record.Hash(blob)
	return f, true
}

// Of gives the files of a record, oldest first.
func Of(state *record.State) []File {
	items := state.Fields[Field].Items
	files := make([]File, 0, len(items))
	for _, item := range items {
		if f, ok := Read(item.Value); ok {
			f.ID, f.Origin = item.ID, item.Origin
			files = append(files, f)
		}
	}
	return files
}

// Find gives one file of a record.
func Find(state *record.State, id record.ID) (File, bool) {
	files := Of(state)
	i := slices.IndexFunc(files, func(f File) bool { return f.ID == id })
	if i < 0 {
		return File{}, false
	}
	return files[i], true
}

// Blobs gives the content that mutations name, which their edit must name too so that it travels.
func Blobs(mutations []record.Mutation) []record.Hash {
	var named []record.Hash
	for i := range mutations {
		m := &mutations[i]
		if m.Op != record.OpAppend || m.Field != Field {
			continue
		}
		if f, ok := Read(m.Value); ok && !slices.Contains(named, f.Blob) {
			named = append(named, f.Blob)
		}
	}
	return named
}

// unnamed is what a file is called whose name says nothing.
const unnamed = "file"

// Name gives a name that is safe to show and to save under on every system: no folders, no control or direction-changing characters, nothing that Windows
// gives a meaning of its own, at most limit.FileNameBytesMax bytes.
func Name(given string) string {
	name := path.Base(strings.ReplaceAll(strings.ToValidUTF8(given, ""), `\`, "/"))
	name = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), r == '\u2028', r == '\u2029':
			return -1
		case strings.ContainsRune(`<>:"/|?*`, r):
			return '_'
		}
		return r
	}, name)
	name = strings.TrimLeft(strings.TrimRight(name, ". "), " ")
	if name == "" || strings.Trim(name, "._") == "" {
		return unnamed
	}
	if reserved(name) {
		name = "_" + name
	}
	return shortened(name)
}

// reserved tells names that Windows keeps for devices, with any extension.
func reserved(name string) bool {
	stem, _, _ := strings.Cut(strings.ToUpper(name), ".")
	stem = strings.TrimRight(stem, " ")
	switch stem {
	case "CON", "PRN", "AUX", "NUL":
		return true
	}
	return len(stem) == 4 && (strings.HasPrefix(stem, "COM") || strings.HasPrefix(stem, "LPT")) && stem[3] >= '0' && stem[3] <= '9'
}

// shortened cuts a name in its middle, so that the extension stays.
func shortened(name string) string {
	if len(name) <= limit.FileNameBytesMax {
		return name
	}
	extension := path.Ext(name)
	if len(extension) > limit.FileNameBytesMax/4 {
		extension = ""
	}
	stem := name[:limit.FileNameBytesMax-len(extension)]
	for !utf8.ValidString(stem) {
		stem = stem[:len(stem)-1]
	}
	return strings.TrimRight(stem, ". ") + extension
}

// Anything is the type of files that say nothing of themselves.
const Anything = "application/octet-stream"

// Media gives type and subtype in small letters, without parameters; Anything for what is no such thing.
func Media(given string) string {
	media, _, err := mime.ParseMediaType(given)
	kind, _, pair := strings.Cut(media, "/")
	if err != nil || !pair || kind == "" || len(media) > limit.MediaTypeBytesMax {
		return Anything
	}
	return media
}

// pictures are the types that a browser draws without ever running anything in them.
var pictures = []string{"image/png", "image/jpeg", "image/gif", "image/webp"}

// Picture reports whether files of a type may be shown in the interface. Only those; SVG and the like can carry scripts.
func Picture(media string) bool { return slices.Contains(pictures, media) }

// Served gives the type that a file is handed out as. What a browser could take for a page or a script is handed out as bytes.
func Served(media string) string {
	switch {
	case strings.HasSuffix(media, "+xml"), strings.HasSuffix(media, "/xml"), strings.Contains(media, "html"), strings.Contains(media, "script"),
		strings.HasPrefix(media, "multipart/"), strings.HasPrefix(media, "message/"), media == "application/x-shockwave-flash":
		return Anything
	}
	return media
}
