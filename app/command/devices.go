package command

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"holdfast/app/api"
)

func (e *environment) devicesCommand() *cobra.Command {
	var out, change string
	var wish api.ShutOutWish
	var sites []string
	c := &cobra.Command{
		Use: "devices", Short: "Show the devices of the cluster, say for which sites one is, or shut one out", Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if out != "" && wish.Why == "" {
				return misuse{errors.New("--shut-out needs --why, so that others understand it later")}
			}
			if (change == "") != (len(sites) == 0) || change != "" && out != "" {
				return misuse{errors.New("--device and --sites go together: the site where the device stands, then those whose data it receives as well")}
			}
			return e.using(c.Context(), func(to *client) error {
				method, path, in := http.MethodGet, "/sync/devices", any(nil)
				if change != "" {
					method, path, in = http.MethodPut, "/sync/devices/"+url.PathEscape(change)+"/sites", api.SitesWish{Site: sites[0], Sites: sites[1:]}
				}
				if out != "" {
					method, path, in = http.MethodPost, "/sync/devices/"+url.PathEscape(out)+"/shut-out", wish
				}
				var devices api.Devices
				if err := to.call(c.Context(), method, path, in, &devices); err != nil {
					return err
				}
				return e.print(devices, func(w io.Writer) { printDevices(w, &devices) })
			})
		},
	}
	c.Flags().StringVar(&out, "shut-out", "", "the id of a device to shut out of the cluster")
	c.Flags().StringVar(&change, "device", "", "the id of a device to change with --sites")
	c.Flags().StringSliceVar(&sites, "sites", nil, "the codes of the sites that the device is for, the one where it stands first")
	c.Flags().StringVar(&wish.As, "as", "left", "left: its changes that are not agreed yet go to review; compromised: they are kept apart")
	c.Flags().StringVar(&wish.Why, "why", "", "why it is shut out")
	c.Flags().BoolVar(&wish.Wipe, "wipe", false, "remove its data the next time it reaches a node")
	return c
}

func printDevices(w io.Writer, devices *api.Devices) {
	table := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(table, "ID\tNAME\tROLE\tPERSON\tSITES\tJOINED\tSHUT OUT")
	for _, d := range devices.Devices {
		person := ""
		if d.Person != nil {
			person = d.Person.Title
		}
		out := d.Revoked
		switch {
		case out != "" && d.ShutOut != "":
			out = d.ShutOut + ": " + out
		case out == "" && d.LeftBehind != "":
			out = "no, but generation " + d.LeftBehind + " began without it"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", d.ID, d.Name, d.Role, person, strings.Join(append([]string{d.Site}, d.Sites...), ","), d.Enrolled.Local().Format("2006-01-02 15:04"), out)
	}
	// The table only fails when the terminal does.
	_ = table.Flush()
}
