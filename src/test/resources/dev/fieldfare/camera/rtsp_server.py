"""A network camera: GStreamer's RTSP server sends a film in H.264 at /live, and at /locked to anna alone.

    python3 rtsp_server.py FILM PORT     PORT 0 for any; prints the port; ends with status 3 where GStreamer is missing
"""

import sys

try:
    import gi

    gi.require_version("Gst", "1.0")
    gi.require_version("GstRtspServer", "1.0")
    from gi.repository import GLib, Gst, GstRtspServer
except (ImportError, ValueError):
    sys.exit(3)

film, port = sys.argv[1:]
Gst.init(None)
if not all(Gst.ElementFactory.find(name) for name in ("qtdemux", "rtph264pay")):
    sys.exit(3)


def factory():
    made = GstRtspServer.RTSPMediaFactory()
    made.set_launch(f'( filesrc location="{film}" ! qtdemux ! rtph264pay name=pay0 pt=96 config-interval=1 )')
    return made


server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service(port)

authority = GstRtspServer.RTSPAuth()
token = GstRtspServer.RTSPToken()
token.set_string(GstRtspServer.RTSP_TOKEN_MEDIA_FACTORY_ROLE, "user")
authority.add_basic(GstRtspServer.RTSPAuth.make_basic("anna", "geheim"), token)
anybody = GstRtspServer.RTSPToken()
anybody.set_string(GstRtspServer.RTSP_TOKEN_MEDIA_FACTORY_ROLE, "anybody")
authority.set_default_token(anybody)
server.set_auth(authority)

for path, roles in {"/live": ("user", "anybody"), "/locked": ("user",)}.items():
    made = factory()
    for role in ("user", "anybody"):
        permissions = Gst.Structure.new_empty(role)
        permissions.set_value(GstRtspServer.RTSP_PERM_MEDIA_FACTORY_ACCESS, True)
        permissions.set_value(GstRtspServer.RTSP_PERM_MEDIA_FACTORY_CONSTRUCT, role in roles)
        made.add_role_from_structure(permissions)
    server.get_mount_points().add_factory(path, made)

if server.attach(None) == 0:
    sys.exit(f"port {port} is taken")
print(server.get_bound_port(), flush=True)
GLib.MainLoop().run()
