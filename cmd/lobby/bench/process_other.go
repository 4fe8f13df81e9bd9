//go:build !linux

package bench

import (
	"errors"
	"os"
	"time"
)

// errUnknown leaves out what only Linux tells about another process.
var errUnknown = errors.New("known on Linux only")

func processorTime(int) (time.Duration, error) { return 0, errUnknown }
func machineTime() (time.Duration, error)      { return 0, errUnknown }
func memory(int, string) (int64, error)        { return 0, errUnknown }
func bytesWritten(int) (int64, error)          { return 0, errUnknown }
func resetPeak(int) error                      { return errUnknown }

// interrupt ends a process as gently as the system can.
func interrupt(p *os.Process) error {
	if err := p.Signal(os.Interrupt); err != nil {
		return p.Kill()
	}
	return nil
}
