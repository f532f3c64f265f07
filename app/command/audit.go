package command

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"holdfast/backend/audit"
	"holdfast/backend/core/fault"
)

func (e *environment) auditCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "audit", Short: "Export the agreed history, and verify an exported one", Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(
		&cobra.Command{
			Use: "export FILE", Short: "Write the agreed history with every hash and signature; - is standard output", Args: oneArg("a file"),
			RunE: func(c *cobra.Command, args []string) error {
				return e.using(c.Context(), func(to *client) error { return e.saveTo(c.Context(), to, "/audits", args[0]) })
			},
		},
		&cobra.Command{
			Use: "verify FILE", Short: "Check every hash and signature of an exported history; needs no data folder", Args: oneArg("a file"),
			RunE: func(_ *cobra.Command, args []string) error { return e.verify(args[0]) },
		})
	return c
}

// verify exits with ExitFindings when the history was altered.
func (e *environment) verify(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return fault.Wrap(err, fault.NotFound, "command.verify", "The file "+path+" cannot be read.")
	}
	defer file.Close()
	report, err := audit.Verify(file)
	if fault.Is(err, audit.Altered) {
		fmt.Fprintln(e.Stderr, fault.SentenceOf(err))
		return errFindings
	}
	if err != nil {
		return err
	}
	return e.print(report, func(w io.Writer) {
		fmt.Fprintf(w, "This is the history that was agreed in cluster %s, as exported on %s.\n\n", report.Head.Cluster, report.Head.Made.Local().Format("2006-01-02 15:04"))
		for _, s := range report.Spaces {
			fmt.Fprintf(w, "%s: %d entries, each one as it was agreed and signed, up to %s\n", s.Space, s.Commits, s.Chain)
			if s.Redacted > 0 {
				fmt.Fprintf(w, "  The content of %d was removed; who removed what stands in the history.\n", s.Redacted)
			}
			if s.Unsigned > 0 {
				fmt.Fprintf(w, "  The last %d wait for the rest of their signed batch.\n", s.Unsigned)
			}
		}
	})
}
