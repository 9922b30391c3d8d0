using System.Text.Json;

namespace ChatMvc.Tests.Sandbox;

public class JsonSchemaTests
{
    private static readonly JsonSchema Schema = new(JsonDocument.Parse("""
        {"components":{"schemas":{
          "cat":{"type":"object","required":["name"],"properties":{
            "name":{"type":"string","pattern":"^[A-Z]","maxLength":6},
            "mood":{"type":["string","null"],"enum":["calm","cross",null]},
            "lives":{"type":"integer","minimum":0},
            "kittens":{"type":"array","items":{"$ref":"#/components/schemas/cat"}},
            "home":{"anyOf":[{"type":"string"},{"type":"null"}]}}}
        }}}
        """).RootElement);

    [Theory]
    [InlineData("""{"name":"Minka"}""")]
    [InlineData("""{"name":"Minka","mood":null,"lives":9,"home":null,"kittens":[{"name":"Mo"}]}""")]
    public void What_fits_is_not_complained_about(string json) => Schema.AssertValid("cat", json);

    [Theory]
    [InlineData("{}", "$: lacks name")]
    [InlineData("""{"name":7}""", "$.name: is Number")]
    [InlineData("""{"name":"minka"}""", "$.name: minka does not match")]
    [InlineData("""{"name":"Minkaminka"}""", "$.name: longer than 6")]
    [InlineData("""{"name":"Minka","mood":"sleepy"}""", "$.mood: sleepy is none of")]
    [InlineData("""{"name":"Minka","lives":-1}""", "$.lives: -1 is below 0")]
    [InlineData("""{"name":"Minka","lives":1.5}""", "$.lives: is Number")]
    [InlineData("""{"name":"Minka","kittens":[{}]}""", "$.kittens[0]: lacks name")]
    [InlineData("""{"name":"Minka","home":1}""", "$.home: fits no branch")]
    [InlineData("""{"name":"Minka","tail":true}""", "$.tail: is not in the document")]
    public void What_does_not_fit_is_named_with_its_place(string json, string complaint)
    {
        using var value = JsonDocument.Parse(json);
        Assert.Contains(complaint, Assert.Single(Schema.Complaints("cat", value.RootElement)));
    }
}
