using System.CommandLine;
using Sealos.Host.Configuration;

namespace Sealos.Cli.Commands;

internal static class TrustCommand
{
    public static Command Create(CommandContext context)
    {
        var pem = new Option<bool>("--pem") { Description = "Print only the certificate, to be piped into a file" };
        var command = new Command("trust", "Print how to make browsers and tools trust the addresses of this cloud") { pem };
        command.SetAction(async (parsed, ct) =>
        {
            var cloud = context.Cloud(parsed);
            var path = new CloudPaths(cloud).AppsAuthority;
            if (!File.Exists(path))
            {
                throw new CliException(ExitCodes.NotRunning, "there is no cloud here yet: start one with 'sealos up' (as root)");
            }

            if (parsed.GetValue(pem))
            {
                context.Terminal.Raw(await File.ReadAllTextAsync(path, ct).ConfigureAwait(false));
                return ExitCodes.Ok;
            }

            context.Terminal.Line($"""
                Addresses under {cloud.Domain} carry certificates of this cloud's own authority:
                  {path}

                Debian, Ubuntu (system, curl):
                  sealos trust --pem | sudo tee /usr/local/share/ca-certificates/{cloud.Instance}.crt && sudo update-ca-certificates
                Fedora:
                  sealos trust --pem | sudo tee /etc/pki/ca-trust/source/anchors/{cloud.Instance}.pem && sudo update-ca-trust
                macOS:
                  save the certificate as {cloud.Instance}.pem, then: sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain {cloud.Instance}.pem
                Windows (as administrator):
                  certutil -addstore Root {cloud.Instance}.pem
                Firefox keeps its own list: Settings, Certificates, Authorities, Import.
                curl, once:
                  curl --cacert {path} {cloud.ConsoleUrl}
                """);
            return ExitCodes.Ok;
        });
        return command;
    }
}
