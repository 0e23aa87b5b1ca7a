package stream.adasim.indexer.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import stream.adasim.http.ProblemException;

class SearchRequestTest {
  private static SearchRequest parse(String body) {
    return SearchRequest.parse(body.getBytes(UTF_8), false);
  }

  @Test
  void readsAVectorAndGivesItUnitLength() {
    SearchRequest request = parse("{\"vector\": [3, -4e0], \"k\": 1000, \"modelId\": \"m\"}");
    assertThat(request.vector()).containsExactly(new float[] {.6f, -.8f}, within(1e-7f));
    assertThat(request.k()).isEqualTo(1000);
    assertThat(request.modelId()).isEqualTo("m");
    assertThat(request.id()).isNull();
  }

  @Test
  void readsAnIdAndFilters() {
    SearchRequest request =
        parse(
            "{\"id\": \"ä/1\", \"filter\": {\"label\": \"cat\", \"source\": \"s\"}, \"exclude\": [\"b\"]}");
    assertThat(request.id()).isEqualTo("ä/1");
    assertThat(request.k()).isEqualTo(10);
    assertThat(request.label()).isEqualTo("cat");
    assertThat(request.source()).isEqualTo("s");
    assertThat(request.without("a").exclude()).containsExactlyInAnyOrder("a", "b");
  }

  @Test
  void passesOnExactlyWhatItRead() {
    String ids =
        IntStream.range(0, SearchRequest.MAX_EXCLUDED)
            .mapToObj(i -> "\"" + i + "\"")
            .collect(Collectors.joining(","));
    SearchRequest request =
        parse(
            "{\"vector\":[0.1,0.7,0.3],\"k\":5,\"filter\":{\"label\":\"c\"},\"exclude\":[%s]}"
                .formatted(ids));
    float[] vector = Objects.requireNonNull(request.vector());

    SearchRequest passedOn =
        SearchRequest.parse(request.without("own").forwarded(vector, "m"), true);

    assertThat(passedOn.vector()).containsExactly(vector);
    assertThat(passedOn.exclude()).hasSize(SearchRequest.MAX_EXCLUDED + 1).contains("own", "0");
    assertThat(passedOn.label()).isEqualTo("c");
    assertThat(passedOn.source()).isNull();
    assertThat(passedOn.modelId()).isEqualTo("m");
    assertThat(passedOn.k()).isEqualTo(5);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "{'id':'a','k':1            | the body is not JSON",
        "{'id':'a'} {}              | the body is not JSON",
        "{'id':'a','id':'b'}        | the body is not JSON: Duplicate",
        "[1]                        | the body: found a list of 1, expected an object",
        "''                         | the body: found",
        "{'k':1}                    | neither 'vector' nor 'id'",
        "{'id':'a','vector':[1]}    | both 'vector' and 'id'",
        "{'id':'a','limit':1}       | found the field 'limit', expected none but [exclude, filter",
        "{'id':'a','filter':{'x':1}}| filter: found the field 'x', expected none but [label, source]",
        "{'id':'a','filter':'x'}    | filter: found \"x\", expected an object",
        "{'id':'a','filter':{'label':1}} | label: found 1, expected a text",
        "{'id':''}                  | id: found \"\", expected a text",
        "{'id':7}                   | id: found 7, expected a text",
        "{'id':'a','k':0}           | k: found 0, expected a whole number within 1..1000",
        "{'id':'a','k':1001}        | k: found 1001",
        "{'id':'a','k':1.5}         | k: found 1.5",
        "{'id':'a','k':99999999999} | k: found 99999999999",
        "{'id':'a','k':'1'}         | k: found \"1\"",
        "{'id':'a','exclude':[1]}   | exclude: found 1, expected a list of at most 1000",
        "{'id':'a','modelId':null}  | modelId: found null",
        "{'vector':[]}              | vector: found a list of 0",
        "{'vector':'1'}             | vector: found \"1\"",
        "{'vector':[0,0.0]}         | vector: found length 0.0, expected one that has a direction",
        "{'vector':[1,'2']}         | vector[1]: found \"2\", expected a finite number",
        "{'vector':[1,null]}        | vector[1]: found null",
        "{'vector':[1,[2]]}         | vector[1]: found a list of 1",
        "{'vector':[1,NaN]}         | the body is not JSON",
        "{'vector':[1e39]}          | vector[0]: found 1.0E39, expected a finite number"
      })
  void saysWhatIsWrong(String body, String detail) {
    assertThatThrownBy(() -> parse(body.replace('\'', '"')))
        .isInstanceOfSatisfying(
            ProblemException.class,
            e -> {
              assertThat(e.problem().status()).isEqualTo(400);
              assertThat(e.problem().detail()).contains(detail);
            });
  }
}
