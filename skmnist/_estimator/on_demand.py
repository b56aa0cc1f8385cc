"""OnDemand: an object that is built when it is first used, not when it is looked at."""

import threading

# Reentrant: building one object may use another.
_building = threading.RLock()


class OnDemand:
    """Becomes the object that `build` returns, as soon as anything is done with it.

    As with `importlib.util.LazyLoader`, it then is of the class of that object and has
    its attributes, so that it can be passed on, compared and kept.

    Parameters
    ----------
    build : callable
        Returns the object, the same one in each call.
    """

    def __init__(self, build):
        _own_attributes(self)["build"] = build

    def __getattribute__(self, name):
        if name == "__class__":
            # For isinstance, which goes wrong if the class changes meanwhile.
            return type(_own_attributes(self)["build"]())
        return getattr(become(self), name)

    def __setattr__(self, name, value):
        setattr(become(self), name, value)

    def __delattr__(self, name):
        delattr(become(self), name)

    # Python looks these up in the class.
    def __repr__(self):
        return repr(become(self))

    def __bool__(self):
        return bool(become(self))

    def __len__(self):
        return len(become(self))

    def __getitem__(self, key):
        return become(self)[key]

    def __call__(self, *args, **kwargs):
        return become(self)(*args, **kwargs)


def _own_attributes(instance):
    """Return the attributes of an OnDemand itself."""
    return object.__getattribute__(instance, "__dict__")


def become(instance):
    """Build the object behind an OnDemand, unless that has been done.

    Parameters
    ----------
    instance : OnDemand or object
        If it is an OnDemand, its class and its attributes change.

    Returns
    -------
    object
        The same instance.
    """
    with _building:
        if type(instance) is OnDemand:
            built = _own_attributes(instance)["build"]()
            object.__setattr__(instance, "__dict__", vars(built))
            object.__setattr__(instance, "__class__", type(built))
    return instance
