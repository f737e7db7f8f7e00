namespace Sealos.ApiServer.Tests.Support;

/// <summary>Waits for what the server does by itself.</summary>
public static class Poll
{
    public static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(15));
        while (!await condition())
        {
            await Task.Delay(10, deadline.Token);
        }
    }
}
