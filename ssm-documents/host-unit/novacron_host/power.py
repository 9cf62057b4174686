"""start, stop, reboot, reset: each reads the state first, and what is so already is a success."""

import libvirt

from .domains import connect, existing, power_off, power_on, run_of, state_of
from .faults import Fault
from .payload import Order
from .place import Place, write_whole


def start(place: Place, order: Order) -> dict:
    """Starts the VM, from its saved memory where there is one, and resumes a paused one."""
    domain = _domain(place, order)
    state, _ = state_of(domain)
    if state == "suspended":
        domain.resume()
    elif not domain.isActive():
        power_on(domain)
    domain.setAutostart(1)
    return _result(domain)


def stop(place: Place, order: Order) -> dict:
    """
    Asks the guest by ACPI and returns at once; the host unit asks the agent too where the button is not heard.
    `force` pulls the plug.
    """
    domain = _domain(place, order)
    if not domain.isActive() or order.payload.get("force"):
        if domain.isActive():
            power_off(domain)
        _stay_off(domain)
        return _result(domain)
    if state_of(domain)[0] == "suspended":
        domain.resume()
    note_ask(place, order, domain)
    domain.shutdownFlags(libvirt.VIR_DOMAIN_SHUTDOWN_ACPI_POWER_BTN)
    _stay_off(domain)
    return {**_result(domain), "state": "stopping"} if domain.isActive() else _result(domain)


def reboot(place: Place, order: Order) -> dict:
    """Asks the guest to boot again."""
    domain = _running(place, order)
    domain.reboot(libvirt.VIR_DOMAIN_REBOOT_ACPI_POWER_BTN)
    return _result(domain)


def reset(place: Place, order: Order) -> dict:
    """As the reset button does."""
    domain = _running(place, order)
    domain.reset(0)
    return _result(domain)


def note_ask(place: Place, order: Order, domain) -> None:
    """Leaves a note for the host unit: this run of the guest was asked to end just now."""
    write_whole(place.state / "asks" / str(order.domain), run_of(domain) or "")


def _stay_off(domain) -> None:
    """What was stopped is not started by the host's next boot."""
    domain.setAutostart(0)


def _domain(place: Place, order: Order):
    return existing(place, connect(), str(order.domain), order.payload["vm"]["id"])


def _running(place: Place, order: Order):
    domain = _domain(place, order)
    if not domain.isActive():
        raise Fault("InvalidTransition", f"{domain.name()} is {state_of(domain)[0]} on its host: start it instead.")
    return domain


def _result(domain) -> dict:
    state, reason = state_of(domain)
    return {"uuid": domain.UUIDString(), "state": state, "detail": reason}
