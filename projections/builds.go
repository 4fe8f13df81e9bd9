package projections

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"lobby.example/readmodel"
)

// ownedAs is what the owner of a version of the model owns.
func (r *Runner) ownedAs(version int) string { return fmt.Sprintf("%s_v%d", r.model.Name, version) }

// point says that a build of this version serves. A program that is older than
// the one that serves does not take that away from it while it runs; its build is
// then found as the newest of its version.
func (r *Runner) point(ctx context.Context, build readmodel.Build) error {
	if r.shared != nil {
		serving, err := r.shared.Serving(ctx, r.model.Name)
		if err != nil || serving == build {
			return err
		}
		if serving.Version > build.Version {
			newer, err := r.shared.TryOwn(ctx, r.ownedAs(serving.Version))
			if err != nil || newer == nil {
				return err
			}
			defer newer.Release()
		}
	}
	return r.engine.Serve(ctx, r.model.Name, build)
}

// choose opens the build of this version that is to be read: the one that serves,
// or the newest finished one where another version does. It answers with nil where
// there is none, and with the pipeline of k where that is the one.
func (r *Runner) choose(ctx context.Context, k *keeping) (*pipeline, error) {
	serving, err := r.shared.Serving(ctx, r.model.Name)
	if err != nil {
		return nil, err
	}
	builds := []readmodel.Build{serving}
	if serving.Version != r.model.Version {
		if builds, err = r.shared.Builds(ctx, r.model.Name); err != nil {
			return nil, err
		}
	}
	for i := len(builds) - 1; i >= 0; i-- {
		if builds[i].Version != r.model.Version {
			continue
		}
		if k != nil && k.build == builds[i] {
			if _, err := k.store.Checkpoint(ctx); err == nil || !gone(err) {
				return k.pipeline, err
			}
		}
		p, err := r.load(ctx, builds[i])
		switch {
		case errors.Is(err, readmodel.ErrNoBuild): // not finished, or gone
		case errors.Is(err, ErrCheckpoint) && builds[i] == r.unwanted: // about to be built anew
		default:
			return p, err
		}
	}
	return nil, nil
}

// gone reports whether a store will not answer any more.
func gone(err error) bool {
	return errors.Is(err, readmodel.ErrNoBuild) || errors.Is(err, readmodel.ErrClosed)
}

// mayDrop is asked by the owner of this version. Builds of another version are
// dropped when this version serves and no program owns the other one, nor did when
// that was looked at some seconds before: where an owner has ended, or the database has, the
// next one comes within a second, and would have to build anew what it reads.
func (r *Runner) mayDrop(ctx context.Context, b readmodel.Build) bool {
	if r.shared == nil || b.Version == r.model.Version {
		return true
	}
	since, before := r.free[b]
	delete(r.free, b)
	if serving, err := r.shared.Serving(ctx, r.model.Name); err != nil || serving.Version != r.model.Version {
		return false
	}
	other, err := r.shared.TryOwn(ctx, r.ownedAs(b.Version))
	if err != nil || other == nil {
		return false
	}
	other.Release() // whoever comes now builds it anew
	if !before {
		since = time.Now()
	}
	r.free[b] = since
	return time.Since(since) >= tidyEvery/2
}

// tidy drops what nobody reads, and sees to it that what this owner keeps is what
// serves. What belongs to a newer program, whose processes may all have ended for a
// moment, it takes away only if it is there at first: after a step back to an older program, say.
func (r *Runner) tidy(ctx context.Context, first bool) {
	select {
	case r.rebuild <- struct{}{}:
		defer func() { <-r.rebuild }()
	default:
		return // whoever builds, drops
	}
	keep, err := r.shared.Serving(ctx, r.model.Name)
	if err != nil {
		return
	}
	upTo := r.model.Version
	if first && keep.Version == upTo {
		upTo = math.MaxInt
	}
	if k := r.current(); k != nil {
		if keep != k.build && k.behind() == 0 && (first || keep.Version <= k.build.Version) {
			if err := r.point(ctx, k.build); err != nil {
				r.logger.Warn("another build is said to serve", "build", keep, "error", err)
			}
		}
		keep = k.build
	}
	r.dropOthers(ctx, keep, upTo)
}
