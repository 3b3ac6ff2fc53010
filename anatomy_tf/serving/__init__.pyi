from .application import ServingOptions as ServingOptions
from .application import build_application as build_application
from .client import Client as Client
from .client import ClientStream as ClientStream
from .refusal import RefusedError as RefusedError
from .server import running_server as running_server
