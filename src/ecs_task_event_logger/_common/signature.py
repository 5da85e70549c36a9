"""The signature of a construct's class, for ``inspect.signature()``, ``help()`` and editors."""

import inspect


class InitSignature:
    """Shows the parameters of ``__init__``, instead of the ``(*args, **kwargs)`` of jsii."""

    def __get__(self, instance: object, owner: type) -> inspect.Signature:
        """Return the signature of the class or subclass that is asked."""
        signature = inspect.signature(owner.__init__)  # type: ignore[misc]
        _, *parameters = signature.parameters.values()
        return signature.replace(parameters=parameters, return_annotation=signature.empty)
