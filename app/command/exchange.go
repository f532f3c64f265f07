package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"holdfast/app/api"
	"holdfast/backend/core/diskfile"
	"holdfast/backend/core/fault"
)

// chunkBytes is how much of a file travels in one call.
const chunkBytes = 256 << 10

type importFlags struct {
	as, kind, mapping string
	dryRun            bool
}

func (e *environment) importCommand() *cobra.Command {
	var flags importFlags
	c := &cobra.Command{
		Use: "import FILE", Short: "Import incidents, tickets or a whole export", Args: oneArg("a file"),
		RunE: func(c *cobra.Command, args []string) error {
			return e.using(c.Context(), func(to *client) error { return e.importFile(c.Context(), to, args[0], flags) })
		},
	}
	c.Flags().StringVar(&flags.as, "as", "jsonl", "servicenow-log, csv or jsonl")
	c.Flags().StringVar(&flags.kind, "kind", "", "csv: the kind of the records")
	c.Flags().StringVar(&flags.mapping, "mapping", "", "a mapping file; the shipped one when left out")
	c.Flags().BoolVar(&flags.dryRun, "dry-run", false, "say what would be done, and do nothing")
	return c
}

func (e *environment) importFile(ctx context.Context, to *client, path string, flags importFlags) error {
	mapping := ""
	if flags.mapping != "" {
		raw, err := os.ReadFile(flags.mapping)
		if err != nil {
			return fault.Wrap(err, fault.NotFound, "command.import", "The mapping file cannot be read.")
		}
		mapping = string(raw)
	}
	x, err := upload(ctx, to, path, flags)
	if err != nil {
		return err
	}
	if err := to.call(ctx, http.MethodPost, "/imports/"+x.ID+"/dry-run", map[string]string{"mapping": mapping}, nil); err != nil {
		return err
	}
	if x, err = e.follow(ctx, to, x.ID, "planned"); err != nil {
		return err
	}
	if flags.dryRun {
		return e.print(x, func(w io.Writer) { printPlan(w, "Would create", x.Plan) })
	}
	if err := to.call(ctx, http.MethodPost, "/imports/"+x.ID+"/run", nil, nil); err != nil {
		return err
	}
	if x, err = e.follow(ctx, to, x.ID, "done"); err != nil {
		return err
	}
	return e.print(x, func(w io.Writer) { printPlan(w, "Created", x.Result) })
}

func upload(ctx context.Context, to *client, path string, flags importFlags) (api.Import, error) {
	var x api.Import
	file, err := os.Open(path)
	if err != nil {
		return x, fault.Wrap(err, fault.NotFound, "command.import", "The file "+path+" cannot be read.")
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return x, err
	}
	wish := api.ImportWish{As: flags.as, Kind: flags.kind, Name: filepath.Base(path), Size: info.Size()}
	if err := to.call(ctx, http.MethodPost, "/imports", wish, &x); err != nil {
		return x, err
	}
	chunk := make([]byte, chunkBytes)
	for number := 0; ; number++ {
		n, err := io.ReadFull(file, chunk)
		if n > 0 {
			place := fmt.Sprintf("/imports/%s/chunks/%d", x.ID, number)
			if err := to.call(ctx, http.MethodPut, place, map[string][]byte{"data": chunk[:n]}, nil); err != nil {
				return x, err
			}
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return x, nil
		}
		if err != nil {
			return x, err
		}
	}
}

// pollTime is how often progress is asked for.
const pollTime = 100 * time.Millisecond

// follow waits until the import reaches a state, and says how far it is.
func (e *environment) follow(ctx context.Context, to *client, id, state string) (api.Import, error) {
	ticker := time.NewTicker(pollTime)
	defer ticker.Stop()
	for {
		var x api.Import
		if err := to.call(ctx, http.MethodGet, "/imports/"+id, nil, &x); err != nil {
			return x, err
		}
		switch x.State {
		case state:
			return x, nil
		case "failed":
			return x, fault.New(fault.Code(x.Problem.Code), x.Problem.Op, x.Problem.Detail)
		case "cancelled":
			return x, fault.New(fault.Unavailable, "command.import", "The import was cancelled. What was imported so far stays; running it again completes it.")
		}
		if !e.asJSON && x.Total > 0 {
			fmt.Fprintf(e.Stderr, "\r%d of %d (%.0f a second)   ", x.Done, x.Total, x.Rate)
		}
		select {
		case <-ctx.Done():
			return x, ctx.Err()
		case <-ticker.C:
		}
	}
}

func printPlan(w io.Writer, did string, plan *api.ImportPlan) {
	fmt.Fprintln(w)
	for _, kind := range slices.Sorted(maps.Keys(plan.Create)) {
		fmt.Fprintf(w, "%s: %d %s\n", did, plan.Create[kind], kind)
	}
	fmt.Fprintf(w, "Changed: %d, skipped: %d, steps of history: %d\n", plan.Change, plan.Skip, plan.Steps)
	for _, reason := range slices.Sorted(maps.Keys(plan.Reasons)) {
		fmt.Fprintf(w, "Skipped %d: %s\n", plan.Reasons[reason], reason)
	}
	for _, match := range plan.Matches {
		fmt.Fprintf(w, "Line %d: the %s %q is here already as %s\n", match.Line, match.Kind, match.Name, match.Title)
	}
	for _, field := range slices.Sorted(maps.Keys(plan.Lacking)) {
		fmt.Fprintf(w, "Without %s: %d\n", field, plan.Lacking[field])
	}
	for _, bad := range plan.Errors {
		fmt.Fprintf(w, "Line %d: %s\n", bad.Line, bad.Reason)
	}
}

func (e *environment) exportCommand() *cobra.Command {
	return &cobra.Command{
		Use: "export FILE", Short: "Write all records as JSON Lines; - is standard output", Args: oneArg("a file"),
		RunE: func(c *cobra.Command, args []string) error {
			return e.using(c.Context(), func(to *client) error { return e.exportTo(c.Context(), to, args[0]) })
		},
	}
}

func (e *environment) exportTo(ctx context.Context, to *client, path string) error {
	return e.saveTo(ctx, to, "/exports", path)
}

// saveTo writes the file that an operation answers with to path; "-" is standard output.
func (e *environment) saveTo(ctx context.Context, to *client, operation, path string) (err error) {
	const op = "command.saveTo"
	response, err := to.send(ctx, http.MethodPost, operation, nil)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	out := e.Stdout
	if path != "-" {
		file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
		if err != nil {
			return fault.Wrap(err, fault.ReadOnly, op, "The file "+path+" cannot be written.")
		}
		defer closing(file.Close, &err)
		out = file
	}
	if _, err := io.Copy(out, response.Body); err != nil {
		if diskfile.Code(err) == fault.DiskFull {
			return fault.Wrap(err, fault.DiskFull, op, "The disk that holds "+path+" is full, so the file is not whole. Free some space, or choose another place, and try again.")
		}
		return fault.Wrap(err, fault.Unavailable, op, "The file is not whole: it cannot be written further, or Holdfast stopped. Try again.")
	}
	return nil
}
