using Microsoft.AspNetCore.Components;
using Sealos.Desktop.Sessions;

namespace Sealos.Desktop.Shell;

/// <summary>A part of a view that asks the services' API, and stops when it is no longer shown.</summary>
public abstract class PaneBase : ComponentBase, IDisposable
{
    private readonly CancellationTokenSource _stop = new();

    /// <summary>A view that has begun nothing yet.</summary>
    protected PaneBase() => Stop = _stop.Token;

    [Inject]
    private protected PersonalServices Services { get; set; } = default!;

    [Inject]
    private protected Toasts Toasts { get; set; } = default!;

    /// <summary>Why the view cannot be shown, or null.</summary>
    private protected Problem? Problem { get; set; }

    /// <summary>Whether something is being done.</summary>
    protected bool IsBusy { get; private set; }

    /// <summary>Ends with the view.</summary>
    protected CancellationToken Stop { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Ends what the view has begun.</summary>
    protected virtual void Dispose(bool disposing)
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    /// <summary>A part of an address, whatever is in it.</summary>
    protected static string Part(string text) => Uri.EscapeDataString(text);

    /// <summary>Reads something; what is wrong comes into <see cref="Problem"/>.</summary>
    private protected async Task<T?> ReadAsync<T>(string path)
    {
        var answer = await Services.GetAsync<T>(path, Stop);
        Problem = answer.Problem;
        return answer.Value;
    }

    /// <summary>Does something and says how it went; true when it was done.</summary>
    private protected async Task<bool> TryAsync(HttpMethod method, string path, object? body, string done)
    {
        var problem = await DoAsync(method, path, body);
        if (problem is null)
        {
            Toasts.Say(done);
        }
        else
        {
            Toasts.Problem(problem.Text);
        }

        return problem is null;
    }

    /// <summary>Does something; returns what is wrong, or null.</summary>
    private protected async Task<Problem?> DoAsync(HttpMethod method, string path, object? body)
    {
        IsBusy = true;
        try
        {
            return await Services.DoAsync(method, path, body, Stop);
        }
        finally
        {
            IsBusy = false;
        }
    }
}
