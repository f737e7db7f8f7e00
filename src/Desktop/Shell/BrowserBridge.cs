using System.Text.Json;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace Sealos.Desktop.Shell;

/// <summary>The few things only the browser can do: keep something for this person, copy, move the focus, go to an address.</summary>
internal sealed class BrowserBridge(IJSRuntime js)
{
    /// <summary>Starts listening to drags and keys for <paramref name="page"/>; returns the desktop's size.</summary>
    public async Task<(int Width, int Height)> StartAsync<T>(DotNetObjectReference<T> page)
        where T : class
    {
        var size = await js.InvokeAsync<int[]>("sealos.start", page).ConfigureAwait(false);
        return (size[0], size[1]);
    }

    /// <summary>Keeps text in this browser; <paramref name="forTab"/> for as long as the tab lives, else until it is removed.</summary>
    public ValueTask KeepAsync(string key, string? text, bool forTab) => js.InvokeVoidAsync("sealos.keep", key, text, forTab);

    public ValueTask<string?> KeptAsync(string key, bool forTab) => js.InvokeAsync<string?>("sealos.kept", key, forTab);

    public ValueTask KeepJsonAsync<T>(string key, T? value) => KeepAsync(key, value is null ? null : JsonSerializer.Serialize(value), forTab: true);

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

    public ValueTask CopyAsync(string text) => js.InvokeVoidAsync("sealos.copy", text);

    public ValueTask FocusAsync(string selector) => js.InvokeVoidAsync("sealos.focus", selector);

    /// <summary>Shows a dialog element above everything, with the keyboard kept inside it.</summary>
    public ValueTask ShowDialogAsync(ElementReference dialog) => js.InvokeVoidAsync("sealos.showDialog", dialog);

    /// <summary>Changes between light and dark, and remembers it.</summary>
    public ValueTask<string> SetThemeAsync(string theme) => js.InvokeAsync<string>("sealos.setTheme", theme);

    /// <summary>Streams a log into an element until <see cref="StopLogAsync"/>.</summary>
    public ValueTask StartLogAsync(ElementReference view, string url) => js.InvokeVoidAsync("sealos.logs.start", view, url);

    public ValueTask StopLogAsync(ElementReference view) => js.InvokeVoidAsync("sealos.logs.stop", view);
}
