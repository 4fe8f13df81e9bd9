package bench

// bar says what a figure of a step should be, with so many clients.
type bar struct {
	step            string
	clients         int
	figure          string
	atLeast, atMost float64
}

// bars are what the product promises of itself on its embedded stores: with the
// load generator beside the server on 2 processors, and the seed sizes that are
// the default.
var bars = []bar{
	{step: "send", clients: 64, figure: "ratio", atLeast: 0.28},
	{step: "send", clients: 64, figure: "cpu ratio", atMost: 5},
	{step: "send", clients: 1, figure: "over echo and fdatasync", atMost: 0.5},
	{step: "inbox", clients: 64, figure: "ratio", atLeast: 0.20},
	{step: "messages", clients: 64, figure: "ratio", atLeast: 0.20},
	{step: "unread", clients: 64, figure: "ratio", atLeast: 0.45},
	{step: "visible", figure: "p99", atMost: 2.5},
	{step: "visible, polled", figure: "p99", atMost: 2.5},
	{step: "visible under load", figure: "p99", atMost: 25},
	{step: "visible under load, polled", figure: "p99", atMost: 25},
	{step: "rebuild", figure: "rate", atLeast: 35_000},
	{step: "rebuild", figure: "peak, of a quarter's", atMost: 1.25},
	{step: "cold, all seen", figure: "of one with 100", atMost: 3},
	{step: "cold, a fifth unseen", figure: "of one with 100", atMost: 10},
	{step: "startup", figure: "until ready", atMost: 1},
	{step: "idle", figure: "memory", atMost: 60},
	{step: "publish to many", clients: 64, figure: "cpu, of few", atMost: 1.3},
	{step: "publish to many", clients: 64, figure: "written, of few", atMost: 1.3},
	{step: "board", clients: 64, figure: "ratio", atLeast: 0.18},
	{step: "search", clients: 64, figure: "ratio", atLeast: 0.10},
	{step: "comment", clients: 64, figure: "ratio", atLeast: 0.25},
	{step: "open", clients: 8, figure: "p99", atMost: 10},
	{step: "upload", clients: 1, figure: "memory over idle", atMost: 8},
	{step: "download", clients: 1, figure: "memory over idle", atMost: 8},
}

// eventStoreBars are for a log in an event store on the same machine, and
// postgresBars for read models in a PostgreSQL there.
var (
	eventStoreBars = []bar{{step: "send", clients: 64, figure: "ratio", atLeast: 0.12}}
	postgresBars   = []bar{{step: "rebuild", figure: "rate", atLeast: 25_000}}
)

// barOf holds a figure against its bar, if it has one.
func barOf(bars []bar, row *Row, f *Figure) *Bar {
	for _, b := range bars {
		if b.step == row.Step && b.clients == row.Clients && b.figure == f.Name {
			met := f.Median >= b.atLeast
			if b.atMost > 0 {
				met = f.Median <= b.atMost
			}
			return &Bar{AtLeast: b.atLeast, AtMost: b.atMost, Met: met}
		}
	}
	return nil
}
