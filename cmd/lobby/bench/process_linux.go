package bench

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"
)

// tick is the unit of times in /proc, which is the same on every machine that Go
// knows.
const tick = 10 * time.Millisecond

var errFormat = errors.New("not of the format of /proc")

func interrupt(p *os.Process) error { return p.Signal(os.Interrupt) }

// processorTime is what a process has used so far.
func processorTime(pid int) (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	fields := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:]) // after the name, which may hold anything
	if len(fields) < 13 {
		return 0, errFormat
	}
	return sumTicks(fields[11:13]) // utime, stime
}

// machineTime is how long the machine's processors have been busy, or taken away
// from the machine.
func machineTime() (time.Duration, error) {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, err
	}
	line, _, _ := bytes.Cut(text, []byte("\n"))
	fields := bytes.Fields(line) // cpu user nice system idle iowait irq softirq steal ...
	if len(fields) < 9 {
		return 0, errFormat
	}
	return sumTicks([][]byte{fields[1], fields[2], fields[3], fields[6], fields[7], fields[8]})
}

func sumTicks(fields [][]byte) (time.Duration, error) {
	sum := 0
	for _, f := range fields {
		n, err := strconv.Atoi(string(f))
		if err != nil {
			return 0, errFormat
		}
		sum += n
	}
	return time.Duration(sum) * tick, nil
}

// memory is a line of a process's status in bytes: VmRSS is what it holds now,
// VmHWM the most that it held since resetPeak.
func memory(pid int, name string) (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	_, rest, ok := bytes.Cut(text, []byte("\n"+name+":"))
	fields := bytes.Fields(rest)
	if !ok || len(fields) < 2 {
		return 0, errFormat
	}
	kib, err := strconv.ParseInt(string(fields[0]), 10, 64)
	return kib << 10, err
}

// bytesWritten is how many bytes a process has given to files and connections so far.
func bytesWritten(pid int) (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/io", pid))
	if err != nil {
		return 0, err
	}
	_, rest, ok := bytes.Cut(text, []byte("\nwchar:"))
	fields := bytes.Fields(rest)
	if !ok || len(fields) == 0 {
		return 0, errFormat
	}
	return strconv.ParseInt(string(fields[0]), 10, 64)
}

// resetPeak makes VmHWM begin anew.
func resetPeak(pid int) error {
	return os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", pid), []byte("5"), 0)
}
