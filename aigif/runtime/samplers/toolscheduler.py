"""One scheduler of diffusers' protocol that runs any sampler of this package.

A pipeline asks for `timesteps`, calls the network once for each, and hands every output to `step`. A sampler that
calls the network twice a step has twice the timesteps, as Heun of diffusers has. The latent is kept in float32,
whatever the network's type: the network's input is rounded to that type, its output widened, and what `step` gives
has the type of the latents that the pipeline came with; only what a pipeline sees is rounded, not the run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from diffusers.configuration_utils import ConfigMixin
from diffusers.schedulers.scheduling_utils import SchedulerMixin
from diffusers.utils.outputs import BaseOutput

from aigif.errors import RecreationError
from aigif.runtime.samplers.convention import Convention
from aigif.runtime.samplers.levels import FlowLevels
from aigif.runtime.samplers.protocol import Noise, NoiseStream, Settings
from aigif.runtime.samplers.schedule import Plan, Route, route
from aigif.runtime.samplers.spaces import FlowSpace, LcmSpace, SigmaSpace, Space, TimestepSpace
from aigif.runtime.torchlib import require

__all__ = ["LiveTimesteps", "ToolOutput", "ToolScheduler"]


@dataclass
class ToolOutput(BaseOutput):
    """What `step` gives: the latent that the network is called with next, and the present clean estimate."""

    prev_sample: Any
    pred_original_sample: Any = None


MOST_CALLS_A_STEP = 20
"""How many times the likely number of network calls an adaptive sampler may take."""


class LiveTimesteps:
    """Timesteps that are known only as the run goes on: iterating gives the pending one until the run ends."""

    def __init__(self, scheduler: ToolScheduler, likely: int) -> None:
        self._scheduler, self._likely = scheduler, likely

    def __len__(self) -> int:
        """A likely number of network calls; the real one shows in `ToolScheduler.calls` after the run."""
        return max(self._likely, self._scheduler.calls)

    def __iter__(self) -> Iterator[Any]:
        most = MOST_CALLS_A_STEP * self._likely
        while not self._scheduler.finished:
            if self._scheduler.calls >= most:
                raise RecreationError(
                    f"the adaptive sampler has not come to its end after {most} calls of the network",
                    hint="choose another sampler: its error estimate does not fall with this model",
                )
            yield self._scheduler.pending_timestep()


class ToolScheduler(SchedulerMixin, ConfigMixin):
    """A scheduler for diffusers' pipelines that samples as A1111 or ComfyUI does; see `tool_scheduler`.

    Attributes:
        timesteps: Float tensor of the timesteps at which the network is called; LiveTimesteps where the sampler
            finds them as it goes.
        sigmas: The falling noise levels (timesteps, for the samplers that work in them) given to the sampler.
        init_noise_sigma: What a pipeline multiplies unit noise by; 1 where the run starts from a noised latent, for
            which see `noised`.
        noise: A NoiseStream, or a function of two noise levels; may be set until it is first drawn from.
        model_dtype: The type in which the network takes its input; None for that of the latents.
        copies: How often the latents are repeated for the network (2 under guidance); None to find out.
        needs_unguided: Whether every `step` must be preceded by `note_unguided`.
        finished: Whether the run has come to its end.
        calls: Network calls so far.
    """

    config_name = "scheduler_config.json"  # type: ignore[assignment]
    order = 1

    def __init__(self, plan: Plan, steps: int, noise: NoiseStream | Noise | None = None) -> None:
        self.plan = plan
        self.noise = noise
        self.model_dtype: Any = None
        self.copies: int | None = None
        self.needs_unguided = plan.entry.guided
        self.wants_brownian = plan.entry.brownian
        self.register_to_config(**plan.config)  # type: ignore[no-untyped-call]
        self._space = _space(plan)
        self.num_inference_steps = steps
        self.set_timesteps(steps)

    def set_timesteps(
        self, num_inference_steps: int | None = None, device: Any = None, sigmas: Any = None, mu: Any = None
    ) -> None:
        """Lay out `num_inference_steps` steps and be ready for a run; None repeats the last layout.

        `sigmas` and `mu`, which pipelines of flow models offer, are not used: the file's schedule says it all.
        """
        torch = require("torch")
        self.num_inference_steps = num_inference_steps or self.num_inference_steps
        self._device = torch.device(device or "cpu")
        self._route: Route = route(self.plan, self.num_inference_steps)
        self.sigmas = self._route.levels
        self.init_noise_sigma = self._route.noise if self._route.from_noise else torch.tensor(1.0)
        self._run: Any = None
        self._ask: tuple[Any, Any] | None = None
        self._handed: Any = None
        self._unguided: Any = None
        self.finished = False
        self.calls = 0
        if self.plan.entry.adaptive:
            self.timesteps: Any = LiveTimesteps(self, 3 * self.num_inference_steps)
        else:
            asked = [self._space.timestep(at).float().reshape(()) for at in self._dry_run()]
            if not asked:
                raise _no_step()
            self.timesteps = torch.stack(asked).to(self._device)

    @property
    def prompt_calls(self) -> int:
        """The calls of the network that the program counts for a prompt's edits: A1111's steps, twice for samplers
        of second order, whatever the sampler really calls; elsewhere the real ones."""
        if self.plan.convention is Convention.A1111:
            return self.num_inference_steps * (2 if self.plan.entry.second_order else 1)
        return len(self.timesteps)

    @property
    def brownian_range(self) -> tuple[float, float]:
        """The lowest level above 0 and the highest: the ends of the Brownian path that the sampler's noise is of."""
        levels = self._route.spread[self._route.spread > 0]
        return float(levels.min()), float(levels.max())

    def set_begin_index(self, begin_index: int = 0) -> None:
        """Part of the protocol of flow pipelines; a run here always begins at its first step."""
        if begin_index:
            raise RecreationError(
                "the sampler starts at its first step", hint="build it for the part that runs"
            )

    def noised(self, latent: Any, noise: Any) -> Any:
        """The latent that a run starts from, of a clean `latent` and unit normal `noise`, both as in `step`."""
        return (latent * self._route.signal.to(latent) + noise * self._route.noise.to(latent)).to(
            latent.dtype
        )

    def add_noise(self, original_samples: Any, noise: Any, timesteps: Any = None) -> Any:
        """`noised`, under the name that pipelines know; they only ask for the run's first timestep."""
        return self.noised(original_samples, noise)

    def scale_model_input(self, sample: Any, timestep: Any = None) -> Any:
        """The network's input for the pending call, repeated as often as `sample` repeats the latents."""
        if self._run is None:
            self._begin(sample[: len(sample) // self._repeats(sample)])
        x, at = self._pending()
        given = self._space.model_input(x, at).to(self.model_dtype or sample.dtype)
        return require("torch").cat([given] * (len(sample) // len(x)))

    def note_unguided(self, output: Any) -> None:
        """Tell the network's output without the prompt for the pending call: CFG++ needs it."""
        self._unguided = output

    def step(
        self, model_output: Any, timestep: Any, sample: Any, return_dict: bool = True, generator: Any = None
    ) -> Any:
        """Hand the network's (guided) output for the pending call to the sampler.

        `sample` must be what the call before gave. Raises RecreationError where it was changed in between, where the
        unguided output or a noise source is missing, and after the end.
        """
        if self._run is None:
            self._begin(sample)
        x, at = self._pending()
        if self._handed is not None and sample is not self._handed and not sample.equal(self._handed):
            raise RecreationError(
                "the latents were changed between two steps",
                hint="this sampler keeps its own state; use one of diffusers' schedulers with such a pipeline",
            )
        if sample.shape != x.shape:
            raise RecreationError(
                f"the latents have the shape {tuple(sample.shape)}, the run {tuple(x.shape)}",
                hint="set the scheduler's `copies` to how often the pipeline repeats the latents for the network",
            )
        answer, clean = self._answer(x, at, model_output.to(x.dtype))
        self.calls += 1
        try:
            self._ask = self._run.send(answer)
            self._handed = self._ask[0].to(sample.dtype)
        except StopIteration as end:
            self.finished, self._ask = True, None
            self._handed = end.value.to(self.model_dtype or sample.dtype)
        if not return_dict:
            return (self._handed, clean)
        return ToolOutput(prev_sample=self._handed, pred_original_sample=clean)

    def pending_timestep(self) -> Any:
        """The timestep of the network's next call, a scalar tensor."""
        at = self.sigmas[0] if self._run is None else self._pending()[1]
        return self._space.timestep(at).float().reshape(()).to(self._device)

    def __len__(self) -> int:
        return int(self.config.get("num_train_timesteps", 1000))

    def _answer(self, x: Any, at: Any, output: Any) -> tuple[Any, Any]:
        if not self.needs_unguided:
            return self._space.answer(x, at, output), self._space.denoised(x, at, output)
        if self._unguided is None:
            raise RecreationError(
                "CFG++ needs the network's output without the prompt",
                hint="call note_unguided before each step; guidance must be on (a scale above 1)",
            )
        unguided, self._unguided = self._unguided.to(x.dtype), None
        output = unguided + (output - unguided) * self.plan.entry.guidance
        pair = self._space.answer(x, at, output), self._space.answer(x, at, unguided)
        return pair, self._space.denoised(x, at, output)

    def _pending(self) -> tuple[Any, Any]:
        if self._ask is None:
            raise RecreationError("the sampler's run is over", hint="call set_timesteps before another run")
        return self._ask

    def _repeats(self, sample: Any) -> int:
        if self.copies is not None:
            return self.copies
        for copies in (3, 2):
            parts = sample.chunk(copies)
            if len(sample) % copies == 0 and all(part.equal(parts[0]) for part in parts):
                return copies
        return 1

    def _begin(self, latents: Any) -> None:
        x = latents.to(require("torch").float32)
        self._run = self._start(x, self._fresh_noise(x))
        try:
            self._ask = next(self._run)
        except StopIteration as end:
            raise _no_step() from end

    def _start(self, x: Any, noise: Noise) -> Any:
        plan, options = self.plan, self.plan.options
        entry = plan.entry
        eta = options.eta if "eta" in entry.options else options.eta_ancestral
        churning = "churn" in entry.options
        settings = Settings(
            noise=noise,
            levels=plan.levels,
            convention=plan.convention,
            eta=eta if entry.eta is None else entry.eta,
            churn=options.churn if churning else 0.0,
            churn_tmin=options.churn_tmin,
            churn_tmax=options.churn_tmax or float("inf"),
            noise_scale=options.churn_noise if "churn_noise" in entry.options else 1.0,
            order=options.solver_order if "solver_order" in entry.options else 0,
        )
        return entry.sampler(x, self.sigmas, settings)

    def _fresh_noise(self, x: Any) -> Noise:
        def draw(sigma: Any, sigma_next: Any) -> Any:
            if self.noise is None:
                raise RecreationError("the sampler draws noise, and was given no source of it")
            if hasattr(self.noise, "normal"):
                drawn = self.noise.normal(tuple(x.shape))
            else:
                drawn = self.noise(sigma, sigma_next)
            return drawn.to(device=x.device, dtype=x.dtype)

        return draw

    def _dry_run(self) -> list[Any]:
        """Where the network is called: the sampler is run on a zero, which it reaches the same levels with."""
        zero = require("torch").zeros(1)
        silent: Callable[[Any, Any], Any] = lambda sigma, sigma_next: zero  # noqa: E731
        run = self._start(zero, silent)
        asked = []
        try:
            _, at = next(run)
            while True:
                asked.append(at)
                _, at = run.send((zero, zero) if self.needs_unguided else zero)
        except StopIteration:
            return asked


def _no_step() -> RecreationError:
    return RecreationError(
        "the sampler calls the network for no step of this schedule", hint="give it more steps"
    )


def _space(plan: Plan) -> Space:
    if isinstance(plan.levels, FlowLevels):
        return FlowSpace(plan.levels)
    if plan.entry.timesteps:
        return TimestepSpace(plan.levels, plan.prediction)
    if plan.entry.lcm and plan.convention is Convention.A1111:
        return LcmSpace(plan.levels, plan.prediction)
    return SigmaSpace(plan.levels, plan.prediction)
