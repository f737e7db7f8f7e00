using System.Text.Json;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace Sealos.Desktop.Shell;

/// <summary>The few things only the browser can do: keep something for this person, copy, move the focus, go to an address.</summary>
internal sealed class BrowserBridge(IJSRuntime js)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Starts listening to drags and keys for <paramref name="page"/>; returns the desktop's size.</summary>
    public async Task<(int Width, int Height)> StartAsync<T>(DotNetObjectReference<T> page)
        where T : class
    {
        var size = await AskAsync<int[]>("sealos.start", page).ConfigureAwait(false) ?? await AskAsync<int[]>("sealos.start", page).ConfigureAwait(false);
        return size is [var width, var height] ? (width, height) : (1280, 720);
    }

    /// <summary>Keeps text in this browser; <paramref name="forTab"/> for as long as the tab lives, else until it is removed.</summary>
    public Task KeepAsync(string key, string? text, bool forTab) => TellAsync("sealos.keep", key, text, forTab);

    /// <summary>What <see cref="KeepAsync"/> kept, or null.</summary>
    public Task<string?> KeptAsync(string key, bool forTab) => AskAsync<string>("sealos.kept", key, forTab);

    public Task KeepJsonAsync<T>(string key, T? value) => KeepAsync(key, value is null ? null : JsonSerializer.Serialize(value), forTab: true);

    /// <summary>What <see cref="KeepJsonAsync"/> kept, or null when there is nothing that can be read.</summary>
    public async Task<T?> KeptJsonAsync<T>(string key)
        where T : class
    {
        try
        {
            return await KeptAsync(key, forTab: true).ConfigureAwait(false) is { } text ? JsonSerializer.Deserialize<T>(text) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public Task FocusAsync(string selector) => TellAsync("sealos.focus", selector);

    /// <summary>Closes a dialog, so that the keyboard goes back to where it was.</summary>
    public Task CloseDialogAsync(ElementReference dialog) => TellAsync("sealos.closeDialog", dialog);

    /// <summary>Saves text as a file, as if it had been downloaded.</summary>
    public Task SaveFileAsync(string name, string text) => TellAsync("sealos.save", name, text);

    /// <summary>Changes between light and dark, and remembers it.</summary>
    public Task ToggleThemeAsync() => TellAsync("sealos.toggleTheme");

    private Task TellAsync(string function, params object?[] arguments) => AskAsync<object>(function, arguments);

    // A connection can break at any moment, and what was being said is lost with it: nothing a person did may wait for it or fail by it.
    private async Task<T?> AskAsync<T>(string function, params object?[] arguments)
        where T : class
    {
        try
        {
            return await js.InvokeAsync<T?>(function, Patience, arguments).ConfigureAwait(false);
        }
        catch (Exception e) when (e is JSDisconnectedException or JSException or OperationCanceledException)
        {
            // The page is gone, or was away for a moment.
            return null;
        }
    }
}
