using System.Net.Http.Json;
using Sealos.Cli.Contexts;
using Sealos.Cli.Output;
using Sealos.OsServices.Access;
using Sealos.OsServices.SignIn;
using Sealos.OsServices.SignIn.Device;

namespace Sealos.Cli.Commands.Account;

/// <summary>Signs in by a code that a person types in a browser, where they may have a passkey or another way in.</summary>
internal sealed class DeviceLogin(Terminal terminal, TimeProvider time)
{
    public async Task<SignInGrant> RunAsync(ServicesConnection open, CancellationToken ct)
    {
        var asked = await open.SendAsync<DeviceGrant>(HttpMethod.Post, "device/code", null, ct).ConfigureAwait(false);
        terminal.Say($"Open {asked.VerificationUri} in a browser, on this machine or another, and type this code:\n\n  {asked.UserCode}\n\nThe same in one: {asked.VerificationUriComplete}\nWaiting. The code holds for {asked.ExpiresIn / 60} minutes; Ctrl+C ends this.");
        var interval = TimeSpan.FromSeconds(asked.Interval);
        while (true)
        {
            await Task.Delay(interval, time, ct).ConfigureAwait(false);
            using var answer = await open.OpenAsync(HttpMethod.Post, "device/token", new DeviceQuestion(asked.DeviceCode), ct).ConfigureAwait(false);
            if (answer.IsSuccessStatusCode)
            {
                return (await answer.Content.ReadFromJsonAsync<SignInGrant>(ct).ConfigureAwait(false))!;
            }

            await answer.Content.LoadIntoBufferAsync(ct).ConfigureAwait(false);
            switch (await CodeOfAsync(answer, ct).ConfigureAwait(false))
            {
                case "authorization-pending":
                    break;
                case "slow-down":
                    interval += TimeSpan.FromSeconds(asked.Interval);
                    break;
                default:
                    await ServicesConnection.ThrowIfRefusedAsync(answer, ct).ConfigureAwait(false);
                    break;
            }
        }
    }

    private static async Task<string?> CodeOfAsync(HttpResponseMessage answer, CancellationToken ct)
    {
        try
        {
            return (await answer.Content.ReadFromJsonAsync<ServiceError>(ct).ConfigureAwait(false))?.Code;
        }
        catch (System.Text.Json.JsonException)
        {
            // A page of something that stands between.
            return null;
        }
    }
}
