package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"holdfast/app/api"
	"holdfast/backend/core/diskfile"
	"holdfast/backend/core/fault"
	"holdfast/sync/bundle"
)

func (e *environment) bundleCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "bundle", Short: "Carry work in files to devices that cannot be reached", Args: noArgs,
		Long: "Carry work in files, on a stick for example, to devices that cannot be reached.\n" +
			"A bundle is signed by this device and encrypted for the devices of its organisation; nobody else can read it. Reading it twice does no harm.",
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(e.bundleExportCommand(), e.bundleImportCommand(), e.bundleInspectCommand(), e.bundleWaitingCommand())
	return c
}

type bundleFlags struct {
	wish     api.BundleWish
	device   string
	partSize string
}

func (e *environment) bundleExportCommand() *cobra.Command {
	var flags bundleFlags
	c := &cobra.Command{
		Use: "export FILE", Short: "Write what waits to be shared, and what is agreed, into a file", Args: oneArg("a file"),
		Long: "Write everything that waits to be agreed, whoever made it, and the agreed changes that its readers are not known to hold.\n" +
			"With --part-size there may be several files: FILE.001, FILE.002 and so on.",
		RunE: func(c *cobra.Command, args []string) error {
			size, err := parseBytes(flags.partSize)
			if err != nil {
				return misuse{err}
			}
			if size != 0 && size < bundle.PartBytesMin {
				return misuse{fmt.Errorf("--part-size has to be at least 4MiB")}
			}
			if !slices.Contains([]string{"lacking", "all", "none"}, flags.wish.Commits) {
				return misuse{fmt.Errorf("--commits is lacking, all or none, not %q", flags.wish.Commits)}
			}
			flags.wish.PartBytes = size
			return e.using(c.Context(), func(to *client) error { return e.exportBundle(c.Context(), to, args[0], flags) })
		},
	}
	c.Flags().StringVar(&flags.device, "for", "", "the name or id of the device that it is made for: it begins where that device was last known to be")
	c.Flags().StringVar(&flags.wish.Commits, "commits", "lacking", "agreed changes: those that readers are not known to hold (lacking), all, or none")
	c.Flags().BoolVar(&flags.wish.NoFiles, "no-files", false, "leave attached files out")
	c.Flags().StringVar(&flags.partSize, "part-size", "", "write parts of at most this size, such as 32MB; one file of any size when left out")
	return c
}

// parseBytes reads "32MB", "32MiB", "700000"; nothing is zero.
func parseBytes(text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	units := []struct {
		name  string
		bytes int64
	}{{"kib", 1 << 10}, {"mib", 1 << 20}, {"gib", 1 << 30}, {"kb", 1e3}, {"mb", 1e6}, {"gb", 1e9}, {"k", 1e3}, {"m", 1e6}, {"g", 1e9}, {"b", 1}, {"", 1}}
	lower := strings.ToLower(strings.TrimSpace(text))
	for _, unit := range units {
		digits, is := strings.CutSuffix(lower, unit.name)
		if !is {
			continue
		}
		n, err := strconv.ParseInt(strings.TrimSpace(digits), 10, 64)
		if err != nil || n <= 0 || n > (1<<62)/unit.bytes {
			break
		}
		return n * unit.bytes, nil
	}
	return 0, fmt.Errorf("%q is not a size such as 32MB", text)
}

// exported is what export prints as JSON.
type exported struct {
	api.BundleWritten
	Paths []string `json:"paths"`
}

func (e *environment) exportBundle(ctx context.Context, to *client, path string, flags bundleFlags) error {
	if err := e.resolveDevice(ctx, to, &flags); err != nil {
		return err
	}
	var j api.BundleJob
	if err := to.call(ctx, http.MethodPost, "/bundles", flags.wish, &j); err != nil {
		return err
	}
	defer e.forgetWritten(to, j.ID)
	j, err := e.followBundle(ctx, to, j.ID)
	if err != nil {
		return err
	}
	paths := make([]string, len(j.Written.Parts))
	for i := range paths {
		paths[i] = bundle.PartName(path, i+1, len(paths))
		if _, err := os.Lstat(paths[i]); err == nil {
			return fault.Newf(fault.Conflict, "command.bundle", "There is a file %s already. Choose another name, or remove it.", paths[i])
		}
	}
	for i, target := range paths {
		if err := savePart(ctx, to, j.ID, i+1, target); err != nil {
			return err
		}
	}
	return e.print(exported{*j.Written, paths}, func(w io.Writer) { printWritten(w, j.Written, paths) })
}

// resolveDevice turns the name of a device into its id.
func (e *environment) resolveDevice(ctx context.Context, to *client, flags *bundleFlags) error {
	if flags.device == "" {
		return nil
	}
	var all api.Devices
	if err := to.call(ctx, http.MethodGet, "/sync/devices", nil, &all); err != nil {
		return err
	}
	for _, device := range all.Devices {
		if device.ID != flags.device && !strings.EqualFold(device.Name, flags.device) {
			continue
		}
		if flags.wish.For != "" && flags.wish.For != device.ID {
			return fault.Newf(fault.Conflict, "command.bundle", "Several devices are called %q. Give the id of one of them.", flags.device)
		}
		flags.wish.For = device.ID
	}
	if flags.wish.For == "" {
		return fault.Newf(fault.NotFound, "command.bundle", "There is no device %q.", flags.device)
	}
	return nil
}

// forgetWritten lets Holdfast drop its own copy of the parts. When it cannot be told it does so by itself later.
func (e *environment) forgetWritten(to *client, id string) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = to.call(ctx, http.MethodPost, "/bundles/jobs/"+id+"/cancel", nil, nil)
}

// followBundle waits until a job is over, and says how far it is.
func (e *environment) followBundle(ctx context.Context, to *client, id string) (api.BundleJob, error) {
	ticker := time.NewTicker(pollTime)
	defer ticker.Stop()
	for {
		var j api.BundleJob
		if err := to.call(ctx, http.MethodGet, "/bundles/jobs/"+id, nil, &j); err != nil {
			return j, err
		}
		switch j.State {
		case "done":
			return j, nil
		case "failed":
			return j, fault.New(fault.Code(j.Problem.Code), j.Problem.Op, j.Problem.Detail)
		case "cancelled":
			return j, fault.New(fault.Unavailable, "command.bundle", "The bundle was cancelled. What was read so far stays; nothing else was changed.")
		}
		select {
		case <-ctx.Done():
			e.forgetWritten(to, id)
			return j, ctx.Err()
		case <-ticker.C:
		}
	}
}

// savePart writes one part, durably: sticks are pulled out early.
func savePart(ctx context.Context, to *client, id string, number int, path string) error {
	response, err := to.send(ctx, http.MethodGet, fmt.Sprintf("/bundles/jobs/%s/parts/%d", id, number), nil)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err == nil {
		_, err = io.Copy(file, response.Body)
		if err == nil {
			err = file.Sync()
		}
		if err = errors.Join(err, file.Close()); err != nil {
			err = errors.Join(err, os.Remove(path))
		}
	}
	return fault.Wrap(err, diskfile.Code(err), "command.bundle", "The part "+path+" could not be written: no room, or not allowed. Choose another place, or smaller parts.")
}

func (e *environment) bundleImportCommand() *cobra.Command {
	return &cobra.Command{
		Use: "import FILE…", Short: "Read bundles, or parts of them in any order", Args: someFiles,
		Long: "Read bundles, or parts of them in any order. FILE also stands for FILE.001, FILE.002 and so on.\n" +
			"Parts that come before others are missing are kept until those are read too. A damaged part is refused as a whole; the others are kept.",
		RunE: func(c *cobra.Command, args []string) error {
			return e.using(c.Context(), func(to *client) error { return e.readBundles(c.Context(), to, args, false) })
		},
	}
}

func (e *environment) bundleInspectCommand() *cobra.Command {
	return &cobra.Command{
		Use: "inspect FILE…", Short: "Say what is in a bundle, and change nothing", Args: someFiles,
		Long: "Say what is in a bundle, and change nothing. Who it is by and what is in it only a device of the organisation that it is encrypted for can tell;\n" +
			"any other tells whether it is whole, and when and in which cluster it was made.",
		RunE: func(c *cobra.Command, args []string) error {
			if _, err := os.Stat(filepath.Join(e.data, "device", "membership.json")); errors.Is(err, fs.ErrNotExist) {
				return e.lookFromOutside(c.Context(), args)
			}
			return e.using(c.Context(), func(to *client) error { return e.readBundles(c.Context(), to, args, true) })
		},
	}
}

func (e *environment) bundleWaitingCommand() *cobra.Command {
	var forget string
	c := &cobra.Command{
		Use: "waiting", Short: "Show or forget bundles of which parts are missing", Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return e.using(c.Context(), func(to *client) error {
				method, path := http.MethodGet, "/bundles/waiting"
				if forget != "" {
					method, path = http.MethodPost, "/bundles/waiting/"+forget+"/forget"
				}
				var waiting api.BundlesWaiting
				if err := to.call(c.Context(), method, path, nil, &waiting); err != nil {
					return err
				}
				return e.print(waiting, func(w io.Writer) {
					for i := range waiting.Bundles {
						info := &waiting.Bundles[i]
						fmt.Fprintf(w, "%s from %s: missing %s of %d\n", info.Bundle, whose(info), bundle.Numbers(info.Missing), info.Parts)
					}
					if len(waiting.Bundles) == 0 {
						fmt.Fprintln(w, "No bundle waits for parts.")
					}
				})
			})
		},
	}
	c.Flags().StringVar(&forget, "forget", "", "drop the parts of this bundle that wait for others")
	return c
}

func someFiles(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return misuse{fmt.Errorf("%s needs a file", c.Name())}
	}
	return nil
}
