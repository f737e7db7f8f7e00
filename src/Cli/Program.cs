using System.CommandLine;
using System.Net.Sockets;
using Sealos.Cli;
using Sealos.Cli.Commands;
using Sealos.Cli.Output;
using Sealos.ControllerKit.Client;
using Sealos.OsServices.Access;

var context = new CommandContext(Terminal.Standard, TimeProvider.System);
var parsed = CommandTree.Build(context).Parse(args);
if (parsed.Errors.Count > 0)
{
    foreach (var error in ParseErrors.Explain(parsed))
    {
        context.Terminal.Say($"error: {error}");
    }

    context.Terminal.Say($"See '{CommandTree.PathOf(parsed.CommandResult)} --help'.");
    return ExitCodes.Usage;
}

try
{
    // Server and edge end by themselves, in the time they need; pods may be waiting for it.
    var endsByItself = parsed.CommandResult.Command.Name is "server" or "edge";
    return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = endsByItself ? null : TimeSpan.FromSeconds(2) });
}
catch (CliException e)
{
    context.Terminal.Say($"error: {e.Message}");
    return e.ExitCode;
}
catch (ApiException e)
{
    context.Terminal.Say($"error: {e.Message}");
    return e.Code switch { 404 => ExitCodes.NotFound, 401 or 403 => ExitCodes.Forbidden, 400 or 422 => ExitCodes.Usage, _ => ExitCodes.Failed };
}
catch (ServiceException e)
{
    context.Terminal.Say($"error: {(e.Field is null ? "" : e.Field + ": ")}{e.Message}");
    return e.Status switch { 404 => ExitCodes.NotFound, 401 or 403 => ExitCodes.Forbidden, 400 => ExitCodes.Usage, _ => ExitCodes.Failed };
}
catch (HttpRequestException e)
{
    context.Terminal.Say(e.InnerException is SocketException
        ? "error: the cloud does not answer; 'sealos status' shows what runs and 'sealos up' starts it"
        : $"error: {e.Message}");
    return ExitCodes.NotRunning;
}
catch (OperationCanceledException)
{
    return ExitCodes.Interrupted;
}
catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
{
    context.Terminal.Say($"error: {e.Message}");
    return ExitCodes.Failed;
}
