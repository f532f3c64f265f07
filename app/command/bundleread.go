package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"holdfast/app/api"
	"holdfast/backend/core/fault"
	"holdfast/sync/bundle"
)

// partFiles gives the files that the arguments stand for: a name that is no file stands for its parts.
func partFiles(args []string) ([]string, error) {
	var files []string
	for _, arg := range args {
		if info, err := os.Stat(arg); err == nil && !info.IsDir() {
			files = append(files, arg)
			continue
		}
		parts, err := filepath.Glob(globbed(arg) + ".[0-9]*[0-9][0-9]")
		if err != nil || len(parts) == 0 {
			return nil, fault.Newf(fault.NotFound, "command.bundle", "There is no file %s, and there are no parts %s.001 and so on.", arg, arg)
		}
		files = append(files, parts...)
	}
	return files, nil
}

// globbed takes the special meaning from the characters of a path.
func globbed(path string) string {
	if os.PathSeparator == '\\' {
		return path // there is no way to write them there
	}
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(path)
}

func (e *environment) readBundles(ctx context.Context, to *client, args []string, look bool) error {
	files, err := partFiles(args)
	if err != nil {
		return err
	}
	wish := api.BundleReading{Look: look}
	for _, file := range files {
		id, err := handIn(ctx, to, file)
		if err != nil {
			return err
		}
		wish.Files = append(wish.Files, id)
	}
	var j api.BundleJob
	if err := to.call(ctx, http.MethodPost, "/bundles/read", wish, &j); err != nil {
		return err
	}
	if j, err = e.followBundle(ctx, to, j.ID); err != nil {
		return err
	}
	if err := e.print(j.Read, func(w io.Writer) { printRead(w, j.Read, look) }); err != nil {
		return err
	}
	return failureOf(j.Read, look)
}

// failureOf gives the first thing that went wrong: the rest has been read all the same.
func failureOf(read *api.BundleRead, look bool) error {
	for _, file := range read.Files {
		if file.Trouble != nil {
			return fault.New(fault.Code(file.Trouble.Code), "command.bundle", file.Name+": "+file.Trouble.Sentence)
		}
	}
	for i := range read.Bundles {
		if trouble := read.Bundles[i].Trouble; trouble != nil && !look {
			return fault.New(fault.Code(trouble.Code), "command.bundle", trouble.Sentence)
		}
	}
	return nil
}

// handIn sends a file piece by piece.
func handIn(ctx context.Context, to *client, path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", fault.Wrap(err, fault.NotFound, "command.bundle", "The file "+path+" cannot be read.")
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return "", err
	}
	announced := api.BundleFile{Name: filepath.Base(path), Size: info.Size()}
	if err := to.call(ctx, http.MethodPost, "/bundles/files", announced, &announced); err != nil {
		return "", err
	}
	chunk := make([]byte, chunkBytes)
	for number := 0; ; number++ {
		n, err := io.ReadFull(file, chunk)
		if n > 0 {
			place := fmt.Sprintf("/bundles/files/%s/chunks/%d", announced.ID, number)
			if err := to.call(ctx, http.MethodPut, place, map[string][]byte{"data": chunk[:n]}, nil); err != nil {
				return "", err
			}
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return announced.ID, nil
		}
		if err != nil {
			return "", fault.Wrap(err, fault.Unavailable, "command.bundle", "The file "+path+" cannot be read to its end. Is the stick still there?")
		}
	}
}

// outside is what a device that belongs to no organisation can tell of a part.
type outside struct {
	Name    string       `json:"name"`
	Bundle  string       `json:"bundle,omitempty"`
	Number  int          `json:"number,omitempty"`
	Parts   int          `json:"parts,omitempty"`
	Made    string       `json:"made,omitempty"`
	Cluster string       `json:"cluster,omitempty"`
	Device  string       `json:"device,omitempty"`
	Bytes   int64        `json:"bytes,omitempty"`
	Trouble *api.Trouble `json:"trouble,omitempty"`
}

// lookFromOutside tells what the parts say in the clear.
func (e *environment) lookFromOutside(ctx context.Context, args []string) error {
	files, err := partFiles(args)
	if err != nil {
		return err
	}
	views := []outside{}
	var failure error
	for _, path := range files {
		view, err := fromOutside(ctx, path)
		views = append(views, view)
		failure = errors.Join(failure, err)
	}
	printing := e.print(map[string]any{"files": views}, func(w io.Writer) {
		for _, v := range views {
			if v.Trouble == nil {
				fmt.Fprintf(w, "%s: part %d of %d of a bundle made %s by device %s of cluster %s. It is whole.\n", v.Name, v.Number, v.Parts, v.Made, v.Device, v.Cluster)
			}
		}
		fmt.Fprintln(w, "What is inside only a device that it is encrypted for can tell; this one belongs to no organisation.")
	})
	return errors.Join(failure, printing)
}

func fromOutside(ctx context.Context, path string) (outside, error) {
	view := outside{Name: filepath.Base(path)}
	file, err := os.Open(path)
	if err != nil {
		return view, fault.Wrap(err, fault.NotFound, "command.bundle", "The file "+path+" cannot be read.")
	}
	defer file.Close()
	part, err := bundle.Check(ctx, file)
	if err != nil {
		view.Trouble = &api.Trouble{Code: string(fault.CodeOf(err)), Sentence: fault.SentenceOf(err)}
		return view, fault.Wrap(err, fault.CodeOf(err), "command.bundle", view.Name+": "+fault.SentenceOf(err))
	}
	view.Bundle, view.Number, view.Parts, view.Made = part.Bundle.String(), part.Number, part.Parts, part.Made.Format(timeFormat)
	view.Cluster, view.Device, view.Bytes = part.Cluster, part.Device.String(), part.Bytes
	return view, nil
}

const timeFormat = "2006-01-02 15:04:05Z07:00"

func printWritten(w io.Writer, written *api.BundleWritten, paths []string) {
	size := int64(0)
	for _, part := range written.Parts {
		size += part
	}
	where := paths[0]
	if len(paths) > 1 {
		where = fmt.Sprintf("%s to %s", paths[0], filepath.Base(paths[len(paths)-1]))
	}
	fmt.Fprintf(w, "Wrote %s (%s, %.1f MB).\n", where, counted(len(paths), "part", "parts"), float64(size)/1e6)
	printSpaces(w, written.Spaces, written.Files)
	if written.FilesAbsent > 0 {
		fmt.Fprintf(w, "%s not on this device and not in it.\n", counted(written.FilesAbsent, "attached file is", "attached files are"))
	}
	fmt.Fprintf(w, "%s can read it; nobody else can.\n", counted(written.Readers, "other device", "other devices"))
}

func printSpaces(w io.Writer, spaces []api.BundleSpace, files int) {
	for _, s := range spaces {
		fmt.Fprintf(w, "  %-12s %s", s.Space, counted(s.Waiting, "change that waits", "changes that wait"))
		switch {
		case s.Whole:
			fmt.Fprintf(w, ", all that is agreed (up to %s)", s.To)
		case s.Agreed > 0:
			fmt.Fprintf(w, ", %s (%s to %s)", counted(s.Agreed, "agreed change", "agreed changes"), s.From, s.To)
		}
		fmt.Fprintf(w, ", generation %s\n", s.Generation)
		if s.Incomplete {
			fmt.Fprintf(w, "  %-12s older agreed changes are no longer kept one by one and are not in it\n", "")
		}
	}
	if files > 0 {
		fmt.Fprintf(w, "  %s\n", counted(files, "attached file", "attached files"))
	}
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// whose says by whom a bundle is, as far as that is known.
func whose(info *api.BundleInfo) string {
	text := info.Device.Name
	if text == "" {
		text = "device " + info.Device.ID
	}
	if info.Person != nil && info.Person.Title != "" {
		text = fmt.Sprintf("%s (%s)", info.Person.Title, text)
	}
	return fmt.Sprintf("%s, made %s", text, info.Made.Local().Format("2006-01-02 15:04"))
}

func printRead(w io.Writer, read *api.BundleRead, look bool) {
	for _, file := range read.Files {
		if file.Trouble != nil {
			fmt.Fprintf(w, "%s was refused: %s\n", file.Name, file.Trouble.Sentence)
		}
	}
	for i := range read.Bundles {
		info := &read.Bundles[i]
		fmt.Fprintf(w, "Bundle %s from %s, cluster %s, %s.\n", info.Bundle, whose(info), info.Cluster, counted(info.Parts, "part", "parts"))
		if look {
			printLook(w, info)
			continue
		}
		printTaken(w, info)
	}
}

func printLook(w io.Writer, info *api.BundleInfo) {
	if info.Trouble != nil {
		fmt.Fprintln(w, info.Trouble.Sentence)
	} else {
		printSpaces(w, info.Spaces, info.Files)
	}
	if info.Closed > 0 {
		fmt.Fprintf(w, "  %s for others\n", counted(info.Closed, "section is", "sections are"))
	}
	printMissing(w, info)
}

func printMissing(w io.Writer, info *api.BundleInfo) {
	if len(info.Missing) > 0 {
		fmt.Fprintf(w, "Missing: %s %s.", map[bool]string{true: "part", false: "parts"}[len(info.Missing) == 1], bundle.Numbers(info.Missing))
		if waits := slices.Clone(info.Here); len(waits) > 0 {
			fmt.Fprintf(w, " Here: %s.", bundle.Numbers(waits))
		}
		fmt.Fprintln(w)
	}
}

func printTaken(w io.Writer, info *api.BundleInfo) {
	if !info.Changed && len(info.Missing) == 0 && info.Trouble == nil && !leftAny(info) {
		fmt.Fprintln(w, "Everything in it was here already. Nothing was changed.")
	}
	for i := range info.Taken {
		t := &info.Taken[i]
		fmt.Fprintf(w, "  %-12s %s", t.Space, counted(t.New, "new change that waits", "new changes that wait"))
		if t.Whole {
			fmt.Fprint(w, ", all that is agreed")
		}
		if t.AgreedNew > 0 {
			fmt.Fprintf(w, ", %s", counted(t.AgreedNew, "new agreed change", "new agreed changes"))
		}
		if t.Aside > 0 {
			fmt.Fprintf(w, ", %d set aside for a person", t.Aside)
		}
		if left := t.Left + t.AgreedLeft; left > 0 {
			fmt.Fprintf(w, ", %d left out", left)
		}
		fmt.Fprintln(w)
		for _, why := range t.Why {
			fmt.Fprintf(w, "  %-12s %s\n", "", why.Sentence)
		}
	}
	if info.NewFiles > 0 {
		fmt.Fprintf(w, "  %s\n", counted(info.NewFiles, "attached file", "attached files"))
	}
	printMissing(w, info)
}

func leftAny(info *api.BundleInfo) bool {
	return slices.ContainsFunc(info.Taken, func(t api.BundleTaken) bool { return t.Left+t.AgreedLeft > 0 })
}
