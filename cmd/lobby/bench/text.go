package bench

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
)

// loadColumns are the figures of a step with clients, in the order of the table.
var loadColumns = []string{"rate", "p50", "p99", "cpu", "peak", "ratio", "cpu ratio", "generator", "others"}

// Text writes the report for people: medians, each with its bar beside it.
func (r *Report) Text(w io.Writer) error {
	fmt.Fprintf(w, "lobby bench on %s: medians of %d rounds of %.3g s a step, in %.0f s\n", r.Machine, r.Rounds, r.Duration, r.Took)
	if r.Quick {
		fmt.Fprintln(w, "This was a quick run: sizes are smaller than the bars ask for.")
	}
	for _, note := range r.Notes {
		fmt.Fprintln(w, note)
	}
	fmt.Fprintln(w)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "step\tclients\trate /s\tp50 ms\tp99 ms\tcpu us/op\tpeak MiB\trate x echo\tcpu x echo\tgenerator us/op\tothers\t")
	for _, row := range r.Rows {
		if row.Clients == 0 {
			continue
		}
		fmt.Fprintf(t, "%s\t%d", row.Step, row.Clients)
		for _, name := range loadColumns {
			fmt.Fprintf(t, "\t%s", number(row.figure(name)))
		}
		fmt.Fprintln(t, "\t")
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(w, "\ncpu is the server's alone; others is how many processors were busy with neither server nor generator")

	met, all := 0, 0
	t = tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "\nfigure\tmedian\tmin to max\t\t")
	for _, row := range r.Rows {
		for _, f := range row.Figures {
			if f.Bar == nil && row.Clients > 0 && slices.Contains(loadColumns, f.Name) {
				continue // it stands in the table
			}
			if f.Bar != nil {
				all++
				if f.Bar.Met {
					met++
				}
			}
			fmt.Fprintf(t, "%s\t%s %s\t%s to %s\t%s\t\n", title(row, f), number(f), f.Unit, short(f.Min), short(f.Max), f.Bar)
		}
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\n%d of %d bars met\n", met, all)
	return err
}

func title(row *Row, f *Figure) string {
	if row.Clients == 0 {
		return row.Step + ": " + f.Name
	}
	return fmt.Sprintf("%s by %d: %s", row.Step, row.Clients, f.Name)
}

// String writes a bar as people read it.
func (b *Bar) String() string {
	if b == nil {
		return ""
	}
	verdict := "met"
	if !b.Met {
		verdict = "NOT MET"
	}
	if b.AtMost > 0 {
		return fmt.Sprintf("bar: at most %s, %s", short(b.AtMost), verdict)
	}
	return fmt.Sprintf("bar: at least %s, %s", short(b.AtLeast), verdict)
}

func number(f *Figure) string {
	if f == nil {
		return ""
	}
	return short(f.Median)
}

// short writes a number with three digits that matter, and thousands apart.
func short(x float64) string {
	if math.Abs(x) < 1000 {
		return strconv.FormatFloat(x, 'f', max(0, 2-int(math.Floor(math.Log10(max(math.Abs(x), 1))))), 64)
	}
	text := strconv.FormatFloat(math.Round(x), 'f', 0, 64)
	sign := strings.TrimRight(text, "0123456789")
	text = text[len(sign):]
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return sign + text
}
