using System.Runtime.InteropServices;
using Sealos.OsServices.Apps;
using Sealos.Testing.Software;

namespace Sealos.Bench;

/// <summary>A kind of real app: its image, and the settings that somebody gives it who wants many on one machine.</summary>
internal sealed record SoakKind(string Name, DebianImage Image, string Memory, bool SpeaksHttp)
{
    public IReadOnlyList<AppVariable> Environment { get; init; } = [];

    public int Port => SpeaksHttp ? SoakImages.HttpPort : SoakImages.RedisPort;

    public AppForm Form(string app, bool isPublic) =>
        new() { Name = app, Image = Image.Reference, Cpu = "200m", Memory = Memory, Environment = Environment, Ports = [new AppPort { Number = Port, IsPublic = isPublic }] };
}

/// <summary>The images of the soak: software of Debian's packages, each answering with the name of its kind.</summary>
internal static class SoakImages
{
    public const int HttpPort = 8080;
    public const int RedisPort = 6379;

    private const string DotNetRoot = "/usr/share/dotnet";

    private const string NginxConfiguration =
        """
        worker_processes 1;
        pid /tmp/nginx.pid;
        error_log /dev/stderr warn;
        events { worker_connections 64; }
        http {
          access_log off;
          client_body_temp_path /tmp/body;
          proxy_temp_path /tmp/proxy;
          fastcgi_temp_path /tmp/fastcgi;
          uwsgi_temp_path /tmp/uwsgi;
          scgi_temp_path /tmp/scgi;
          server { listen 8080; location / { return 200 "nginx"; } }
        }
        """;

    private const string NodeServer =
        """
        require('http').createServer((request, response) => response.end('node')).listen(8080);
        process.on('SIGTERM', () => process.exit(0));
        """;

    private const string PythonServer =
        """
        from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Length", "6")
                self.end_headers()
                self.wfile.write(b"python")

            def log_message(self, *arguments):
                pass

        ThreadingHTTPServer(("", 8080), Handler).serve_forever()
        """;

    public static IReadOnlyList<SoakKind> All { get; } =
    [
        new("nginx", Image("nginx") with { Files = File("/etc/nginx/soak.conf", NginxConfiguration), Command = ["nginx", "-c", "/etc/nginx/soak.conf", "-g", "daemon off;"] }, "64Mi", true),
        new("node", Image("node") with { Files = File("/app/server.js", NodeServer), Command = ["node", "--max-old-space-size=32", "--max-semi-space-size=1", "/app/server.js"] }, "128Mi", true),
        new("python", Image("python") with { Files = File("/app/server.py", PythonServer), Command = ["python3", "/app/server.py"] }, "64Mi", true),
        new("dotnet", DotNet(), "128Mi", true)
        {
            Environment = [new("DOTNET_ROOT", DotNetRoot), new("DOTNET_gcServer", "0"), new("DOTNET_GCHeapHardLimit", "0x2000000"), new("DOTNET_EnableDiagnostics", "0"), new("DOTNET_TieredPGO", "0")],
        },
        new("redis", Image("redis") with { Command = ["redis-server", "--save", "", "--maxmemory", "16mb", "--protected-mode", "no"] }, "64Mi", false),
    ];

    private static DebianImage Image(string set) => new()
    {
        Name = "soak-" + set,
        Packages = set,
        Reference = $"soak/{set}:1",
        User = "app",
        UserId = 1000,
        Command = [],
    };

    // Microsoft's runtime is in no package of Debian's; the machine has it, or this would not run.
    private static DebianImage DotNet()
    {
        var runtime = RuntimeEnvironment.GetRuntimeDirectory().TrimEnd('/');
        var (version, root) = (Path.GetFileName(runtime), Path.GetFullPath(Path.Combine(runtime, "../../..")));
        string[] parts = [$"host/fxr/{version}", $"shared/Microsoft.NETCore.App/{version}", $"shared/Microsoft.AspNetCore.App/{version}"];
        return Image("dotnet") with
        {
            Trees = [("artifacts/soak/app", "/app"), .. parts.Select(p => (Path.Combine(root, p), $"{DotNetRoot}/{p}"))],
            Command = ["/app/Sealos.SoakApp"],
        };
    }

    private static Dictionary<string, string> File(string path, string content) => new() { [path] = content };
}
