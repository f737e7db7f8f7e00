using System.Net;
using System.Net.Http.Json;
using Sealos.Cli.Contexts;
using Sealos.OsServices.SignIn;

namespace Sealos.Cli.Commands.Account;

/// <summary>Signs in through a browser: shows a code, and waits until somebody who is signed in there approves it.</summary>
internal static class DeviceSignIn
{
    public static async Task<SignInGrant> RunAsync(ServicesConnection open, CommandContext context, CancellationToken ct)
    {
        var start = await open.SendAsync<Started>(HttpMethod.Post, "device/start", new { client = "sealos CLI" }, ct).ConfigureAwait(false);
        context.Terminal.Say($"Open {start.VerificationUri} in a browser where you are signed in, and enter the code {start.UserCode}");
        var pause = TimeSpan.FromSeconds(Math.Clamp(start.Interval, 1, 60));
        while (true)
        {
            await Task.Delay(pause, context.Time, ct).ConfigureAwait(false);
            using var answer = await open.OpenAsync(HttpMethod.Post, "device/poll", new { deviceCode = start.DeviceCode }, ct).ConfigureAwait(false);
            if (answer.IsSuccessStatusCode)
            {
                return (await answer.Content.ReadFromJsonAsync<SignInGrant>(ct).ConfigureAwait(false))!;
            }

            var code = answer.StatusCode == HttpStatusCode.BadRequest ? (await ServicesConnection.ErrorOfAsync(answer, ct).ConfigureAwait(false)).Code : "";
            switch (code)
            {
                case "authorization-pending":
                    break;
                case "slow-down":
                    pause += TimeSpan.FromSeconds(5);
                    break;
                case "expired" or "denied":
                    throw new CliException(ExitCodes.Forbidden, code == "denied" ? "the sign-in was denied in the browser" : "nobody entered the code in time; try again");
                default:
                    await ServicesConnection.ThrowIfRefusedAsync(answer, ct).ConfigureAwait(false);
                    break;
            }
        }
    }

    private sealed record Started(string DeviceCode, string UserCode, string VerificationUri, int Interval);
}
