package projections

import (
	"lobby.example/eventlog"
	"lobby.example/readmodel"
)

// Status tells how the model is, for readiness and for people.
type Status struct {
	Owner    bool              // this process projects; where several may, one does
	Build    readmodel.Build   // that serves; the zero Build when none does
	Position eventlog.Position // that it shows
	Behind   float64           // for how many seconds something has been waiting
	Failed   error             // why it stands still, or where none serves, was not built; nil when neither
	Broken   error             // why nothing was written when it was last tried, which it is again; nil when it was
	Building bool              // another build is being filled
	Progress float64           // of that, from 0 to 1
}

// Ready reports whether queries are answered from the model.
func (s Status) Ready() bool {
	return s.Build.Version != 0 && s.Failed == nil && s.Behind < StaleAfter.Seconds()
}

// Status tells how the model is now.
func (r *Runner) Status() Status {
	r.mu.RLock()
	serving, building, failed := r.serving, r.building, r.failed
	r.mu.RUnlock()
	s := Status{Owner: r.reign().Err() == nil}
	if serving != nil {
		s.Build = serving.build
		s.Behind = serving.behind().Seconds()
		serving.mu.Lock()
		s.Position, s.Failed, s.Broken = serving.position, serving.failed, serving.broken
		serving.mu.Unlock()
	} else {
		s.Failed = failed
	}
	if building != nil {
		building.mu.Lock()
		s.Building = true
		s.Progress = 1
		if goal := building.goal.Commit(); goal > 0 {
			s.Progress = min(1, float64(building.position.Commit())/float64(goal))
		}
		building.mu.Unlock()
	}
	return s
}
