package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"holdfast/app/api"
	"holdfast/backend/core/fault"
)

func (e *environment) inviteCommand() *cobra.Command {
	wish := api.InviteWish{}
	c := &cobra.Command{
		Use: "invite", Short: "Invite a device or a node", Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return e.using(c.Context(), func(to *client) error {
				var invite api.Invite
				var err error
				if wish.Person, err = to.personID(c.Context(), wish.Person); err == nil {
					err = to.call(c.Context(), http.MethodPost, "/sync/invites", wish, &invite)
				}
				if err != nil {
					return err
				}
				return e.print(invite, func(w io.Writer) {
					fmt.Fprintf(w, "%s\n\nFor one %s, until %s.\n", invite.Text, invite.Role, invite.Expires.Local().Format("2006-01-02 15:04"))
				})
			})
		},
	}
	c.Flags().StringVar(&wish.Role, "role", "desktop", "desktop or node")
	c.Flags().StringVar(&wish.Site, "site", "", "the code of the device's site; this device's own when left out")
	c.Flags().StringVar(&wish.Person, "person", "", "the person who will work on it, by name or id; left out: somebody new, who says the name on joining")
	c.Flags().IntVar(&wish.Hours, "hours", 24, "how long it can be used")
	return c
}

// personID gives the id of the person that a name or an id means. Faults: fault.NotFound, fault.Conflict (several are called that).
func (c *client) personID(ctx context.Context, named string) (string, error) {
	const op = "command.person"
	if named == "" || uuid.Validate(named) == nil {
		return named, nil
	}
	var found []string
	for cursor, first := "", true; first || cursor != ""; first = false {
		var page api.Page
		if err := c.call(ctx, http.MethodGet, "/people?limit=200&cursor="+url.QueryEscape(cursor), nil, &page); err != nil {
			return "", err
		}
		for i := range page.Rows {
			if strings.EqualFold(page.Rows[i].Title, named) {
				found = append(found, page.Rows[i].ID)
			}
		}
		cursor = ""
		if page.Next != nil {
			cursor = *page.Next
		}
	}
	switch len(found) {
	case 0:
		return "", fault.Newf(fault.NotFound, op, "Nobody here is called %q. Leave --person out for somebody new.", named)
	case 1:
		return found[0], nil
	}
	return "", fault.Newf(fault.Conflict, op, "Several people are called %q. Name one by id: %s.", named, strings.Join(found, ", "))
}

func (e *environment) membersCommand() *cobra.Command {
	var promote, remove, move, address string
	c := &cobra.Command{
		Use: "members", Short: "Show, promote, move or remove the nodes that agree on the order of changes", Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if (move == "") != (address == "") {
				return misuse{errors.New("--node and --address go together")}
			}
			return e.using(c.Context(), func(to *client) error {
				method, path, in := http.MethodGet, "/sync/members", any(nil)
				switch {
				case move != "":
					method, path, in = http.MethodPut, "/sync/members/"+move+"/address", api.AddressWish{Address: address}
				case promote != "":
					method, path = http.MethodPost, "/sync/members/"+promote+"/promote"
				case remove != "":
					method, path = http.MethodPost, "/sync/members/"+remove+"/remove"
				}
				var members api.Members
				if err := to.call(c.Context(), method, path, in, &members); err != nil {
					return err
				}
				return e.print(members, func(w io.Writer) { printMembers(w, members) })
			})
		},
	}
	c.Flags().StringVar(&promote, "promote", "", "give this node a vote")
	c.Flags().StringVar(&move, "node", "", "the id of a node to change with --address")
	c.Flags().StringVar(&address, "address", "", "host:port at which the node is reached from now on")
	c.Flags().StringVar(&remove, "remove", "", "take this node out of the group")
	return c
}

func printMembers(w io.Writer, members api.Members) {
	table := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(table, "ID\tNAME\tADDRESS\tVOTE\tLEADER\tREACHED")
	for _, m := range members.Members {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", m.ID, m.Name, m.Address, yes(m.Voter), yes(m.Leader), reached(&m))
	}
	// The table only fails when the terminal does.
	_ = table.Flush()
	if members.Warning != "" {
		fmt.Fprintln(w, members.Warning)
	}
}

func reached(m *api.Member) string {
	if m.Unknown {
		return "ask the leader"
	}
	return yes(m.Healthy)
}

func yes(is bool) string {
	if is {
		return "yes"
	}
	return "no"
}

func (e *environment) statusCommand() *cobra.Command {
	return &cobra.Command{
		Use: "status", Short: "Show how this device is doing", Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return e.using(c.Context(), func(to *client) error {
				var status api.Status
				if err := to.call(c.Context(), http.MethodGet, "/status", nil, &status); err != nil {
					return err
				}
				return e.print(status, func(w io.Writer) { printStatus(w, &status) })
			})
		},
	}
}

func printStatus(w io.Writer, status *api.Status) {
	fmt.Fprintf(w, "%s\n%s to be agreed, %s a decision.\n%s\n", status.Sentence, counted(status.Waiting, "change waits", "changes wait"), counted(status.Decisions, "thing needs", "things need"), lastBackup(status.Backup))
	for _, check := range status.Checks {
		if !check.OK {
			fmt.Fprintln(w, check.Sentence)
		}
	}
	fmt.Fprintln(w)
	table := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(table, "SPACE\tGENERATION\tCOMMIT\tWAITING\tDIGEST")
	for _, s := range status.Spaces {
		fmt.Fprintf(table, "%s\t%s\t%s\t%d\t%.16s\n", s.Space, s.Generation, s.Commit, s.Pending, s.Digest)
	}
	fmt.Fprintln(table, "\nPEER\tROLE\tADDRESS\tCONNECTED\tLAST EXCHANGE")
	for _, p := range status.Peers {
		last := "never"
		if p.LastExchange != nil {
			last = p.LastExchange.Local().Format("2006-01-02 15:04:05")
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", p.Name, p.Role, p.Address, yes(p.Connected), last)
	}
	fmt.Fprintln(table, "\nRECORDS\tCOUNT")
	kinds := make([]string, 0, len(status.Records))
	for kind := range status.Records {
		kinds = append(kinds, kind)
	}
	slices.Sort(kinds)
	for _, kind := range kinds {
		fmt.Fprintf(table, "%s\t%d\n", kind, status.Records[kind])
	}
	// The table only fails when the terminal does.
	_ = table.Flush()
}

func lastBackup(b *api.Backup) string {
	if b == nil {
		return "No backup was made on this device."
	}
	return "The last backup of this device was made and proven on " + b.At.Local().Format("2006-01-02 15:04") + ": " + b.File
}

func (e *environment) doctorCommand() *cobra.Command {
	return &cobra.Command{
		Use: "doctor", Short: "Read and check everything on this device", Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return e.using(c.Context(), func(to *client) error {
				var checkup api.Checkup
				if err := to.call(c.Context(), http.MethodPost, "/doctor", nil, &checkup); err != nil {
					return err
				}
				ill := slices.ContainsFunc(checkup.Checks, func(check api.Check) bool { return !check.OK })
				err := e.print(checkup, func(w io.Writer) {
					for _, check := range checkup.Checks {
						fmt.Fprintf(w, "%-8s %-4s %s\n", check.Name, map[bool]string{true: "ok", false: "BAD"}[check.OK], check.Sentence)
					}
				})
				if err == nil && ill {
					err = errFindings
				}
				return err
			})
		},
	}
}

func (e *environment) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Show the version", Args: noArgs,
		RunE: func(*cobra.Command, []string) error {
			return e.print(map[string]string{"version": e.Version}, func(w io.Writer) { fmt.Fprintln(w, "holdfast", e.Version) })
		},
	}
}

func (e *environment) openapiCommand() *cobra.Command {
	return &cobra.Command{
		Use: "openapi", Short: "Print the description of the API", Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			to := &client{http: &http.Client{Transport: direct{api.New(api.Config{Version: e.Version, Log: e.logger()})}}}
			var description json.RawMessage
			if err := to.call(c.Context(), http.MethodGet, "/openapi.json", nil, &description); err != nil {
				return err
			}
			_, err := e.Stdout.Write(append(description, '\n'))
			return err
		},
	}
}
