"""``python -m tests.chaos``: exit code 1 when a promise is broken or a control is not caught."""

import argparse
import asyncio
import signal
import sys
import time

import httpx

from tests.chaos import afterwards, controls, faults, report
from tests.chaos.api import Api
from tests.chaos.cast import Cast, Size
from tests.chaos.checker import Result
from tests.chaos.receiver import Receiver
from tests.chaos.world import World

STAY = (15.0, 40.0)
LEAVERS = 0.15
CALM = 5.0  # seconds of undisturbed chat before the first fault and after the last
BACK_WITHIN = 5.0  # after the last fault; then the product is measured as if nothing had been
SETTLE = 120.0


def options(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--visitors", type=int, default=200)
    parser.add_argument("--agents", type=int, default=20)
    parser.add_argument("--webs", type=int, default=2, help="web processes")
    parser.add_argument("--rounds", type=int, default=3, help="each target is killed once a round")
    parser.add_argument("--seconds", type=float, help="end the faults after this long")
    parser.add_argument("--rate", type=float, default=1.5, help="messages a second per visitor")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="targets, comma-separated, or: controls, none")
    parser.add_argument("--no-controls", action="store_true")
    parser.add_argument("--keep", action="store_true", help="leave data and logs behind")
    return parser.parse_args(arguments)


async def run(said: argparse.Namespace) -> int:
    """Everything."""
    size = Size(said.visitors, said.agents, 1 / said.rate, STAY, LEAVERS)
    main = None if said.only == "controls" else Cast("main", size, seed=said.seed)
    wanted = () if said.no_controls else controls.CONTROLS
    broken = [(one, Cast(one.key, controls.SIZE, one.rules, said.seed)) for one in wanted]
    casts = [cast for cast in (main, *(cast for _, cast in broken)) if cast is not None]
    finished, caught = None, {}
    async with Receiver() as receiver, httpx.AsyncClient(timeout=15, limits=_limits()) as client:
        with World(said.webs, keep=said.keep) as world:
            print(f"Starting the product in {world.home} …", flush=True)
            await asyncio.to_thread(world.seed, [cast.plan() for cast in casts], receiver.url)
            await asyncio.to_thread(world.start)
            api = Api(world.ports, client)
            if main is not None:
                finished = await _main_run(said, main, world, api, receiver)
                report.show(finished)
            for control, cast in broken:
                caught[control.key] = await controls.run(control, cast, world, api, receiver)
                report.show_control(control.key, *caught[control.key])
    return _conclude(said, finished, caught)


def _limits() -> httpx.Limits:
    return httpx.Limits(max_connections=64, max_keepalive_connections=64)


async def _main_run(
    said: argparse.Namespace, cast: Cast, world: World, api: Api, receiver: Receiver
) -> report.Run:
    """Chat, faults, silence, and the check."""
    started = time.monotonic()
    await cast.arrive(world, api)
    print(f"{said.visitors} visitors and {said.agents} agents are there.", flush=True)
    await asyncio.sleep(CALM)
    order = faults.plan(_targets(said, world), said.rounds, said.seed)
    happened = await faults.strike(world, order, cast.people, said.seed, said.seconds)
    await asyncio.sleep(BACK_WITHIN)
    calm = time.monotonic()
    await asyncio.sleep(CALM)
    print("No more faults; waiting for everything to settle …", flush=True)
    await cast.fall_silent(SETTLE)
    sweeping = await afterwards.sweep_lives(cast, world)
    result = await cast.settle(world, receiver, SETTLE)
    result.broken["sweep_dead"] = sweeping
    result.figures |= afterwards.lag_figures(cast.lags(calm))
    await cast.leave()
    return report.Run(result, happened, cast.ledger, time.monotonic() - started)


def _targets(said: argparse.Namespace, world: World) -> list[str]:
    everything = [*world.parts, faults.CUT]
    if not said.only:
        return everything
    wanted = [] if said.only == "none" else said.only.split(",")
    if unknown := set(wanted) - set(everything):
        raise SystemExit(f"unknown targets {unknown}; there are {everything}")
    return wanted


def _conclude(
    said: argparse.Namespace,
    finished: report.Run | None,
    caught: dict[str, tuple[bool, Result]],
) -> int:
    sizes = {
        "visitors": said.visitors,
        "agents": said.agents,
        "rounds": said.rounds,
        "seed": said.seed,
    }
    kept = finished is None or finished.result.kept
    ok = kept and all(one for one, _ in caught.values())
    print("\n" + ("Every promise was kept." if ok else "BROKEN."), flush=True)
    print(report.summary(finished, caught, sizes), flush=True)
    return 0 if ok else 1


async def _until_told(said: argparse.Namespace) -> int:
    """Run; Ctrl-C and SIGTERM end everything in order."""
    task = asyncio.current_task()
    assert task is not None
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    try:
        return await run(said)
    except asyncio.CancelledError:
        print("Stopped.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(asyncio.run(_until_told(options())))
