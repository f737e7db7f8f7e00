using System.CommandLine;
using Sealos.Cli.Output;
using Sealos.OsServices.Apps;

namespace Sealos.Cli.Commands.App;

internal sealed class AppCreateCommand
{
    private readonly CommandContext _context;
    private readonly AppScope _scope;
    private readonly Argument<string> _name = AppScope.Name();
    private readonly Option<string> _image = new("--image") { Description = "Image to run, such as sealos.hub/library/hello:1 or nginx:1.27", Required = true, HelpName = "IMAGE" };
    private readonly Option<int[]> _port = new("--port") { Description = "Port the app listens on (may be repeated)", HelpName = "PORT", DefaultValueFactory = _ => [] };
    private readonly Option<bool> _public = new("--public") { Description = "Give the first port a public HTTPS address" };
    private readonly Option<int> _replicas = new("--replicas") { Description = "Instances to run", DefaultValueFactory = _ => 1, HelpName = "N" };
    private readonly Option<string> _cpu = new("--cpu") { Description = "CPU an instance may use", DefaultValueFactory = _ => "200m", HelpName = "CORES" };
    private readonly Option<string> _memory = new("--memory") { Description = "Memory an instance may use", DefaultValueFactory = _ => "256Mi", HelpName = "BYTES" };
    private readonly Option<string[]> _env = new("--env", "-e") { Description = "Variable of the environment (may be repeated)", HelpName = "KEY=VALUE", DefaultValueFactory = _ => [] };
    private readonly Option<string[]> _command = new("--command") { Description = "Replace the image's entry point (repeat for each word)", HelpName = "WORD", DefaultValueFactory = _ => [] };
    private readonly Option<string[]> _arg = new("--arg") { Description = "Replace the image's arguments (repeat for each)", HelpName = "WORD", DefaultValueFactory = _ => [] };
    private readonly AppWait _wait = new();
    private readonly Option<OutputFormat> _format = CommandContext.Format();

    private AppCreateCommand(CommandContext context, AppScope scope)
    {
        _context = context;
        _scope = scope;
    }

    public static Command Create(CommandContext context, AppScope scope)
    {
        var create = new AppCreateCommand(context, scope);
        var command = new Command("create", "Launch an app from an image\n\nExamples:\n  sealos app create hello --image sealos.hub/library/hello:1 --port 8080 --public --wait\n  sealos app create api --image registry.example.com/api:2 --port 3000 --env LEVEL=info --cpu 500m --memory 512Mi")
        {
            create._name, create._image, create._port, create._public, create._replicas, create._cpu, create._memory, create._env, create._command, create._arg, create._format,
        };
        create._wait.AddTo(command);
        command.SetAction(create.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken ct)
    {
        var form = Form(parsed);
        AppScope.Refuse(AppRules.Check(form));
        var ns = _scope.Namespace(parsed);
        var app = await _scope.WithAsync(parsed, async launchpad =>
        {
            var created = await launchpad.CreateAsync(ns, form, ct).ConfigureAwait(false);
            return _wait.IsWanted(parsed) ? await _wait.UntilReadyAsync(_context, launchpad, created, parsed, ct).ConfigureAwait(false) : created;
        }, ct).ConfigureAwait(false);
        var cloud = _scope.Cloud(parsed);
        if (parsed.GetValue(_format) is var format and not OutputFormat.Table)
        {
            _context.Terminal.Document(AppText.Document(app, cloud), format);
            return ExitCodes.Ok;
        }

        _context.Terminal.Say($"App '{form.Name}' is {AppText.State(app)}.");
        foreach (var host in app.Hosts)
        {
            _context.Terminal.Line(cloud.AddressOf(host));
        }

        return ExitCodes.Ok;
    }

    private AppForm Form(ParseResult parsed)
    {
        var ports = parsed.GetValue(_port)!;
        if (parsed.GetValue(_public) && ports.Length == 0)
        {
            throw new CliException(ExitCodes.Usage, "--public: give the port the app listens on with --port");
        }

        return new AppForm
        {
            Name = parsed.GetValue(_name)!,
            Image = parsed.GetValue(_image)!,
            Command = parsed.GetValue(_command)!,
            Arguments = parsed.GetValue(_arg)!,
            Replicas = parsed.GetValue(_replicas),
            Cpu = parsed.GetValue(_cpu)!,
            Memory = parsed.GetValue(_memory)!,
            Environment = [.. parsed.GetValue(_env)!.Select(Variable)],
            Ports = [.. ports.Select((p, i) => new AppPort { Number = p, IsPublic = i == 0 && parsed.GetValue(_public) })],
        };
    }

    private static AppVariable Variable(string text)
    {
        var split = text.IndexOf('=', StringComparison.Ordinal);
        return split > 0
            ? new AppVariable(text[..split], text[(split + 1)..])
            : throw new CliException(ExitCodes.Usage, $"--env: '{text}' must have the form KEY=VALUE");
    }
}
