"""start, stop, reboot, reset: each reads the state first, and what is so already is a success."""

import libvirt

from .domains import connect, drop_memory, existing, power_off, power_on, run_of, state_of
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
        _boot(domain, state)
    domain.setAutostart(1)
    return _result(domain)


def stop(place: Place, order: Order) -> dict:
    """
    Asks the guest by ACPI and returns at once; the host unit asks the agent too where the button is not heard.
    `force` pulls the plug, `save` keeps its memory on disk. A VM that is saved is off, and only `force` lets go of its memory.
    """
    domain = _domain(place, order)
    if order.payload.get("save") and domain.isActive():
        from . import saving  # no other verb of this file pays for it

        return {**_result(domain), **saving.begin(place, order, domain)}
    if not domain.isActive() or order.payload.get("force"):
        if domain.isActive():
            power_off(domain)
        if order.payload.get("force"):
            drop_memory(domain)
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
    domain = _assert_running(_domain(place, order))
    domain.reboot(libvirt.VIR_DOMAIN_REBOOT_ACPI_POWER_BTN)
    return _result(domain)


def reset(place: Place, order: Order) -> dict:
    """As the reset button does. A VM that is saved boots anew, without the memory that was kept."""
    domain = _domain(place, order)
    if state_of(domain)[0] == "saved":
        drop_memory(domain)
        power_on(domain)
        domain.setAutostart(1)
    else:
        _assert_running(domain).reset(0)
    return _result(domain)


def note_ask(place: Place, order: Order, domain) -> None:
    """Leaves a note for the host unit: this run of the guest was asked to end just now."""
    write_whole(place.state / "asks" / str(order.domain), run_of(domain) or "")


def _stay_off(domain) -> None:
    """What was stopped is not started by the host's next boot."""
    domain.setAutostart(0)


def _domain(place: Place, order: Order):
    return existing(place, connect(), str(order.domain), order.payload["vm"]["id"])


def _boot(domain, state: str) -> None:
    try:
        power_on(domain)
    except libvirt.libvirtError as error:
        if state != "saved":
            raise
        raise Fault("HostFault", f"its saved memory cannot be restored ({error}): a reset boots it anew, without it.") from error


def _assert_running(domain):
    if not domain.isActive():
        raise Fault("InvalidTransition", f"{domain.name()} is {state_of(domain)[0]} on its host: start it instead.")
    return domain


def _result(domain) -> dict:
    state, reason = state_of(domain)
    return {"uuid": domain.UUIDString(), "state": state, "detail": reason}
