package command

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/spf13/cobra"

	"holdfast/app/api"
)

func (e *environment) redactCommand() *cobra.Command {
	var wish api.RemovalWish
	var sure bool
	c := &cobra.Command{
		Use: "redact RECORD", Short: "Remove a text, or an entry of a list with its file, for good", Args: oneArg("the id of a record"),
		Long: "Remove a text, or an entry of a list with its file, for good: a password that was pasted into a ticket, or what privacy law wants removed.\n\n" +
			"Once it is agreed, every device that hears of it drops the content from the record, its history, the log and the disk. Who removed it, when and why stays.\n" +
			"Out of reach are bundles and backups that were made before, exports, devices that never connect again, and what people copied. Change what was secret all the same.",
		RunE: func(c *cobra.Command, args []string) error {
			switch {
			case wish.Field == "" || wish.Why == "":
				return misuse{errors.New("redact needs --field and --why; the reason stays, so it must not repeat what is removed")}
			case !sure:
				return misuse{errors.New("this cannot be undone: say --for-good as well")}
			}
			return e.using(c.Context(), func(to *client) error {
				var view api.RecordView
				if err := to.call(c.Context(), http.MethodPost, "/records/"+url.PathEscape(args[0])+"/remove", wish, &view); err != nil {
					return err
				}
				return e.print(view, func(w io.Writer) {
					fmt.Fprintln(w, "It is removed once the site has agreed, and then on every device that hears of it. Bundles, backups and exports that were made before still hold it.")
				})
			})
		},
	}
	c.Flags().StringVar(&wish.Field, "field", "", "the name of the field: title, description, notes, attachments …")
	c.Flags().StringVar(&wish.Item, "item", "", "of a list: the id of the entry")
	c.Flags().StringVar(&wish.Why, "why", "", "why it is removed")
	c.Flags().BoolVar(&sure, "for-good", false, "it cannot be undone")
	return c
}
