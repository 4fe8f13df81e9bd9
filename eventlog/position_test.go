package eventlog

import (
	"encoding/json"
	"errors"
	"math"
	"slices"
	"testing"
)

var (
	thisLog  = NewIdentity("this log")
	otherLog = NewIdentity("another log")
)

func TestPositionsCompareAsTheyWereGivenOut(t *testing.T) {
	ascending := []Position{
		{}, thisLog.At(1, 1), thisLog.At(9, 3), thisLog.At(9, 9), thisLog.At(10, 0), thisLog.At(math.MaxUint64, math.MaxUint64),
	}
	if !slices.IsSortedFunc(ascending, Position.Compare) {
		t.Errorf("not ascending: %v", ascending)
	}
	for _, p := range ascending {
		for _, q := range ascending {
			if (p.Compare(q) == 0) != (p == q) || p.Compare(q) != -q.Compare(p) {
				t.Errorf("%v compared with %v is %d", p, q, p.Compare(q))
			}
		}
	}
}

func TestAPositionNamesItsLog(t *testing.T) {
	if id := thisLog.At(7, 5).Identity(); id != thisLog || (Position{}).Identity() != 0 {
		t.Errorf("the identity is %d, not %d", id, thisLog)
	}
}

// E07: a position is kept whole, both halves, and the log that it is of.
func TestE07PositionsSurviveTheirText(t *testing.T) {
	for _, p := range []Position{{}, thisLog.At(1, 1), thisLog.At(7, 5), thisLog.At(7, 0), otherLog.At(math.MaxUint64, 1), Identity(1).At(1, 1)} {
		q, err := ParsePosition(p.String())
		if err != nil || q != p {
			t.Errorf("%#v printed as %s is read as %#v, %v", p, p, q, err)
		}
		text, err := json.Marshal(map[string]Position{"at": p})
		if err != nil {
			t.Fatal(err)
		}
		var back map[string]Position
		if err := json.Unmarshal(text, &back); err != nil || back["at"] != p {
			t.Errorf("%s as JSON is read as %v, %v", text, back["at"], err)
		}
	}
}

func TestE08PositionsKnowTheirLog(t *testing.T) {
	mine, foreign, start := thisLog.At(1, 1), otherLog.At(1, 1), Position{}
	if !thisLog.Owns(mine) || thisLog.Owns(foreign) || !thisLog.Owns(start) {
		t.Error("a log owns its own positions and the start, and no others")
	}
	if !mine.SameLog(thisLog.At(2, 2)) || mine.SameLog(foreign) || !foreign.SameLog(start) {
		t.Error("positions of one log can be compared, and any with the start")
	}
}

var noPositions = []string{
	"", "1", "00", "0-0", "-", "--", "0000000000000000-1", "0000000000000001-0", "0000000000000001-01", "0000000000000001-+1",
	"0000000000000001-1-1", "0000000000000001-1-", "0000000000000001--1", "0000000000000001-1-2-3", "000000000000000A-1", "1-1",
	"0000000000000001-18446744073709551616", " 0", "0 ", "0000000000000001-1\n", "000000000000000é-1", "0x00000000000001-1",
}

func TestParsePositionReadsNothingElse(t *testing.T) {
	for _, s := range noPositions {
		if p, err := ParsePosition(s); !errors.Is(err, ErrPosition) {
			t.Errorf("%q is read as %v, %v", s, p, err)
		}
	}
}

func FuzzParsePosition(f *testing.F) {
	for _, s := range noPositions {
		f.Add(s)
	}
	for _, p := range []Position{{}, thisLog.At(1, 1), thisLog.At(7, 5), otherLog.At(math.MaxUint64, 0)} {
		f.Add(p.String())
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := ParsePosition(s)
		switch {
		case err != nil && (!errors.Is(err, ErrPosition) || p != Position{}):
			t.Fatalf("%q: %v, %v", s, p, err)
		case err == nil && p.String() != s:
			t.Fatalf("%q is read as a position that prints as %q", s, p)
		}
	})
}

func TestCategory(t *testing.T) {
	for stream, want := range map[string]string{"connection-4c2e": "connection", "post-1-2": "post", "alone": "alone", "-x": "", "": ""} {
		if got := Category(stream); got != want {
			t.Errorf("the category of %q is %q, want %q", stream, got, want)
		}
	}
}
